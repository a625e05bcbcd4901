// Puts the rows of a picture, as stored, where they belong in the upright image.
#pragma once

#include <cstddef>

#include "image/image.h"

namespace gpen::codec {

/// Turns while copying, so that no second picture is needed. Rows may come in any order; different
/// rows may be put by different threads.
/// Where the pixels of a picture as stored lie in its upright image, in bytes of that.
struct StoredPlaces {
  std::ptrdiff_t origin = 0;  ///< Of the stored pixel (0, 0) ...
  std::ptrdiff_t step_x = 0;  ///< ... from there to (1, 0) ...
  std::ptrdiff_t step_y = 0;  ///< ... and to (0, 1).

  /// `orientation` as in EXIF, 1..8.
  static StoredPlaces In(ImageView upright, int orientation);
};

class UprightTarget {
 public:
  /// `orientation` as in EXIF, 1..8. `target` has the upright size and must outlive this.
  UprightTarget(int orientation, Image* target);

  /// `count` stored rows from row `first`, each `stride` bytes after the one before.
  void PutRows(const std::byte* rows, int first, int count, std::size_t stride);

 private:
  int stored_width_;
  std::size_t pixel_bytes_;
  std::byte* data_;
  StoredPlaces places_;
};

}  // namespace gpen::codec
