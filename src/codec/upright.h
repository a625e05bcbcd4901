// Puts the rows of a picture, as stored, where they belong in the upright image.
#pragma once

#include <cstddef>

#include "image/image.h"

namespace gpen::codec {

/// Turns while copying, so that no second picture is needed. Rows may come in any order; different
/// rows may be put by different threads.
class UprightTarget {
 public:
  /// `orientation` as in EXIF, 1..8. `target` has the upright size and must outlive this.
  UprightTarget(int orientation, Image* target);

  /// `count` stored rows from row `first`, each `stride` bytes after the one before.
  void PutRows(const std::byte* rows, int first, int count, std::size_t stride);

 private:
  int stored_width_;
  std::size_t pixel_bytes_;
  std::byte* origin_;      // Where the stored pixel (0, 0) goes.
  std::ptrdiff_t step_x_;  // Bytes from there to (1, 0) ...
  std::ptrdiff_t step_y_;  // ... and to (0, 1).
};

}  // namespace gpen::codec
