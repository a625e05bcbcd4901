#include "service/admission.h"

#include <algorithm>
#include <utility>

namespace gpen::service {
namespace {

// Degrees below the mark of the sensor that is closest to its own.
constexpr double kFullSpeedMargin = 15;
constexpr double kGiveBackMargin = 22;

heat::HeatOptions HeatOptionsOf(const Configuration& configuration) {
  heat::HeatOptions heat;
  heat.enabled = configuration.heat_enabled;
  heat.sys = configuration.sys_folder;
  heat.default_limit_celsius = configuration.heat_limit_celsius;
  return heat;
}

}  // namespace

AdmissionGate::AdmissionGate(const heat::HeatOptions& heat, heat::QuietHours quiet_hours,
                             const photos::DataFolder& folder, const Clock& clock)
    : folder_(folder),
      clock_(clock),
      governor_(heat, clock),
      quiet_hours_(std::move(quiet_hours)) {}

Result<std::unique_ptr<AdmissionGate>> AdmissionGate::Create(const Configuration& configuration,
                                                             const photos::DataFolder& folder,
                                                             const Clock& clock,
                                                             std::vector<std::string>* notices) {
  GPEN_ASSIGN_OR_RETURN(auto quiet_hours, heat::QuietHours::Parse(configuration.quiet_hours));
  std::unique_ptr<AdmissionGate> gate(
      new AdmissionGate(HeatOptionsOf(configuration), std::move(quiet_hours), folder, clock));
  if (const auto heat = gate->governor_.Read(); heat.enabled && !heat.has_sensor) {
    notices->push_back(heat.message);
  }
  if (configuration.heat_fans) {
    gate->fans_.emplace(configuration.sys_folder, folder.fans());
    if (std::ranges::none_of(heat::FindFans(configuration.sys_folder), &heat::Fan::is_writable)) {
      notices->push_back("heat.fans: no fan can be set by this user; `gpen doctor` lists them");
    }
  }
  return gate;
}

// At full speed before the work has to slow down, and until it is clearly cooler.
void AdmissionGate::SetFans(const heat::HeatStatus& heat) {
  const std::lock_guard lock(fans_mutex_);
  if (!fans_ || !heat.has_sensor) return;
  const double margin = heat.hottest.margin();
  // What cannot be set now is tried again in a moment.
  if (margin < kFullSpeedMargin) (void)fans_->TakeToFull();
  if (margin > kGiveBackMargin) (void)fans_->GiveBack();
}

jobs::Admission AdmissionGate::Admit() {
  jobs::Admission admission;
  const auto heat = governor_.Read();
  SetFans(heat);
  // A job that cannot store its result would compute for nothing, and use up its attempts.
  if (const auto storable = folder_.CheckStorable(); !storable) {
    admission.lowest.reset();
    admission.reason = storable.error().message();
    return admission;
  }
  if (heat.action == heat::HeatAction::kStop) {
    admission.lowest.reset();
    admission.interrupt_running = true;
    admission.reason = heat.message;
    return admission;
  }
  if (heat.action == heat::HeatAction::kSlowDown) {
    admission.extra_pause = heat.extra_pause;
    admission.reason = heat.message;
  }
  const auto quiet = quiet_hours_.At(clock_.Now());
  if (quiet.quiet) {
    admission.lowest = jobs::JobPriority::kInteractive;
    admission.interrupt_running = true;
    admission.reason = quiet.message;
  }
  return admission;
}

}  // namespace gpen::service
