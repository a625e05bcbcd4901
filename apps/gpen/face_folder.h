// A folder of aligned faces as network inputs: for calibration and for measuring quality.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "nn/manifest.h"

namespace gpen::app {

/// Up to `limit` pictures of `folder` in order of their names, evenly spread over it: photos are
/// cut to a centred square and resized, raw .bin files are taken as they are. Each is 3 x size x
/// size in the manifest's range and colour order.
///
/// Errors: kNotFound where there is no usable picture.
Result<std::vector<std::vector<float>>> LoadFaceFolder(const std::filesystem::path& folder,
                                                       const nn::Manifest& manifest,
                                                       std::size_t limit);

}  // namespace gpen::app
