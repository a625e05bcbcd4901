// PhotoTask: what the queue is asked to do when the work is a photo: which photo, and how.
//
// A plain value. photo_texts.h reads and writes it as the text that the queue keeps.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "restore/photo_options.h"

namespace gpen::photos {

/// A photo that somebody sent: a file of ours.
struct UploadedPhoto {
  std::string file;  ///< Name in uploads/.

  bool operator==(const UploadedPhoto&) const = default;
};

/// A photo outside the data folder, which belongs to somebody else. Whoever keeps such photos knows
/// the path by the number.
struct ExternalPhoto {
  std::int64_t row = 0;         ///< Never 0 in a task.
  std::int64_t generation = 0;  ///< The content that is meant: it grows when the photo is replaced.

  bool operator==(const ExternalPhoto&) const = default;
};

using PhotoSource = std::variant<UploadedPhoto, ExternalPhoto>;

struct PhotoTask {
  PhotoSource source;
  restore::PhotoOptions options;
  std::int64_t pixels = 0;  ///< Of the photo; 0 where they were not counted when it came.
};

}  // namespace gpen::photos
