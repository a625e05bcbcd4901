#include "service/restorer_loading.h"

#include <thread>

#include "base/cpu.h"
#include "base/guarded.h"
#include "jobs/background_thread.h"
#include "nn/precision_record.h"
#include "restore/whole_photo.h"

namespace gpen::service {

restore::RestorerOptions RestorerOptionsOf(const Configuration& configuration) {
  restore::RestorerOptions options;
  options.models_folder = configuration.models_folder;
  options.model = configuration.model;
  options.precision_record = nn::PrecisionRecordPath();
  options.threads = configuration.threads > 0 ? configuration.threads : AvailableCpus();
  options.limits.max_file_bytes = configuration.max_upload_bytes;
  options.limits.max_pixels = configuration.max_pixels;
  return options;
}

// The networks' own threads have the priority of the thread that loads them, for ever.
Result<std::unique_ptr<restore::PhotoRestorer>> LoadInBackground(
    const restore::RestorerOptions& options) {
  Result<std::unique_ptr<restore::PhotoRestorer>> loaded =
      Error(ErrorCode::kInternal, "the networks were not loaded");
  std::thread([&] {
    // What could not be lowered is not worth failing for: the work is the same.
    jobs::LowerThisThread();
    loaded = Guarded("the networks", [&] { return restore::PhotoRestorer::Create(options); });
  }).join();
  return loaded;
}

photos::ModelChecksums ChecksumsOf(const restore::PhotoRestorer& restorer,
                                   const restore::RestorerOptions& options) {
  return {restore::WithParser(restorer.networks().Fingerprint(), options.models_folder),
          restore::PhotoModelsFingerprint(options.models_folder)};
}

}  // namespace gpen::service
