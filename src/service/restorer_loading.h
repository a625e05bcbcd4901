// The networks, as the configuration chooses them, loaded so that they give way to everything else.
#pragma once

#include <memory>

#include "base/result.h"
#include "photos/photo_key.h"
#include "restore/photo_restorer.h"
#include "service/configuration.h"

namespace gpen::service {

restore::RestorerOptions RestorerOptionsOf(const Configuration& configuration);

/// Errors: those of PhotoRestorer::Create().
Result<std::unique_ptr<restore::PhotoRestorer>> LoadInBackground(
    const restore::RestorerOptions& options);

/// Of the networks of `restorer`, which was made with `options`.
photos::ModelChecksums ChecksumsOf(const restore::PhotoRestorer& restorer,
                                   const restore::RestorerOptions& options);

}  // namespace gpen::service
