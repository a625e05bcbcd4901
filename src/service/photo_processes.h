// The processes that work on photos, as the configuration chooses their networks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "photos/photo_models.h"
#include "restore/photo_restorer.h"
#include "sandbox/child_photo_work.h"
#include "service/configuration.h"

namespace gpen::service {

restore::RestorerOptions RestorerOptionsOf(const Configuration& configuration);

/// The program's command for one of them; main() knows it.
inline constexpr const char* kPhotoProcessCommand = "photo-process";

/// A notice says what they are not shut out of. Errors: those of ChildPhotoWork::Start.
Result<std::unique_ptr<sandbox::ChildPhotoWork>> StartPhotoProcesses(
    const restore::RestorerOptions& options, std::vector<std::string>* notices);

/// `networks` are those that were loaded by `options`.
photos::PhotoModels PhotoModelsOf(const restore::RestorerOptions& options,
                                  const restore::WorkNetworks& networks);

}  // namespace gpen::service
