// What the disk, heat and quiet hours let start now; where that is wanted, also how fast the fans
// turn.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "heat/fans.h"
#include "heat/heat_governor.h"
#include "heat/quiet_hours.h"
#include "jobs/worker_pool.h"
#include "photos/data_folder.h"
#include "service/configuration.h"

namespace gpen::service {

/// Thread-safe.
class AdmissionGate {
 public:
  /// As `configuration` has heat and quiet hours. `folder` and `clock` must outlive the gate. A
  /// notice says where heat cannot be read. Errors: kInvalidArgument (quiet hours).
  static Result<std::unique_ptr<AdmissionGate>> Create(const Configuration& configuration,
                                                       const photos::DataFolder& folder,
                                                       const Clock& clock,
                                                       std::vector<std::string>* notices);

  jobs::Admission Admit();

  heat::HeatGovernor* governor() { return &governor_; }
  const heat::QuietHours* quiet_hours() const { return &quiet_hours_; }

 private:
  AdmissionGate(const heat::HeatOptions& heat, heat::QuietHours quiet_hours,
                const photos::DataFolder& folder, const Clock& clock);

  void SetFans(const heat::HeatStatus& heat);

  const photos::DataFolder& folder_;
  const Clock& clock_;
  heat::HeatGovernor governor_;
  const heat::QuietHours quiet_hours_;
  std::mutex fans_mutex_;  // Guards the one below.
  std::optional<heat::Fans> fans_;
};

}  // namespace gpen::service
