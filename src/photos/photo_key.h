// A photo's key in the queue, and the names of files that follow from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jobs/job.h"
#include "restore/photo_options.h"

namespace gpen::photos {

/// What a result depends on beside the photo and its options: the checksums of the networks for
/// faces, and of those for whole photos, which count only where one of them is wanted.
struct ModelChecksums {
  std::string faces = {};
  std::string whole_photo = {};
};

/// The same photo, options, networks and way of using them: the same key. `models`:
/// PhotoModels::For() the options.
std::string KeyOf(std::string_view photo_sha256, const restore::PhotoOptions& options,
                  const ModelChecksums& models);

/// What the names of a job's result and thumbnails begin with, up to the first dot: the beginning
/// of its key.
inline constexpr std::size_t kResultBaseLength = 32;
std::string ResultBase(const jobs::Job& job);

/// Name in faces/ of what the network made of the photo's faces.
std::string FacesName(const jobs::Job& job);
/// No file in faces/ is larger.
inline constexpr std::int64_t kMostFacesBytes = std::int64_t{4} << 30;

}  // namespace gpen::photos
