#include "service/photo_processes.h"

#include <fmt/format.h>

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
    const restore::RestorerOptions& options, std::vector<std::string>* notices) {
  sandbox::ChildOptions children;
  children.command = OwnCommand();
  children.command.emplace_back(kPhotoProcessCommand);
  children.restorer = options;
  GPEN_ASSIGN_OR_RETURN(auto work, sandbox::ChildPhotoWork::Start(children));
  for (const auto& open : work->left_open()) {
    notices->push_back(
        fmt::format("photos are not worked on as shut in as they could be: {}", open));
  }
  return work;
}

photos::PhotoModels PhotoModelsOf(const restore::RestorerOptions& options,
                                  const restore::WorkNetworks& networks) {
  return photos::PhotoModels({networks.faces_fingerprint, networks.whole_photo_fingerprint},
                             {options.models_folder, options.model, options.precision_record});
}

}  // namespace gpen::service
