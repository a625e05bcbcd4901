// A photo's key in the queue, and the names of files that follow from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jobs/job.h"
#include "restore/photo_options.h"

namespace gpen::photos {

/// The same photo, options and network: the same key.
std::string KeyOf(std::string_view photo_sha256, const restore::PhotoOptions& options,
                  std::string_view model_sha256);

/// What the names of a job's result and thumbnails begin with, up to the first dot.
std::string ResultBase(const jobs::Job& job);

/// Name in faces/ of what the network made of the photo's faces.
std::string FacesName(const jobs::Job& job);
/// No file in faces/ is larger.
inline constexpr std::int64_t kMostFacesBytes = std::int64_t{4} << 30;

}  // namespace gpen::photos
