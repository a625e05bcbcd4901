// HandingOut: what lets other machines take photos of this service's queue, put together from its
// parts: a second pool of workers for the same queue, whose photos are done elsewhere.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job_store.h"
#include "photos/data_folder.h"
#include "photos/handed_out_files.h"
#include "photos/machines.h"
#include "photos/photo_key.h"
#include "photos/photo_runner.h"
#include "service/configuration.h"
#include "watching/watched_run.h"

namespace gpen::service {

/// All must outlive HandingOut.
struct HandingOutParts {
  const Configuration* configuration;
  const Clock* clock;
  const photos::DataFolder* folder;
  jobs::JobStore* store;
  const photos::PhotoRunner* runner;  ///< This machine's own.
  watching::RunParts watched;
  const photos::PhotoModels* models;
};

class HandingOut {
 public:
  /// Errors: kInvalidArgument (a setting that makes no sense). A queue that cannot be reached is
  /// waited for.
  static Result<std::unique_ptr<HandingOut>> Create(const HandingOutParts& parts);
  HandingOut(const HandingOut&) = delete;
  HandingOut& operator=(const HandingOut&) = delete;
  ~HandingOut();

  void Start();
  /// What is on its way goes back to the local queue.
  void Stop();

  photos::Machines* machines();
  /// Null where photos do not go by this service's addresses.
  photos::HandedOutFiles* files();

 private:
  struct Parts;
  explicit HandingOut(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace gpen::service
