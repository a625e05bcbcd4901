#include "service/photo_processes.h"

#include "base/child_process.h"
#include "base/cpu.h"
#include "nn/precision_record.h"

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

Result<std::unique_ptr<sandbox::ChildPhotoWork>> StartPhotoProcesses(
    const restore::RestorerOptions& options) {
  sandbox::ChildOptions children;
  GPEN_ASSIGN_OR_RETURN(children.command, OwnCommand());
  children.command.emplace_back(kPhotoProcessCommand);
  children.restorer = options;
  return sandbox::ChildPhotoWork::Start(children);
}

photos::ModelChecksums ChecksumsOf(const restore::WorkNetworks& networks) {
  return {networks.faces_fingerprint, networks.whole_photo_fingerprint};
}

}  // namespace gpen::service
