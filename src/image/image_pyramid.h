// ImagePyramid: a picture and smaller versions of it, so that a crop at any scale reads few pixels.
//
// Does not own the full picture, which must outlive it and stay unchanged. Crop() may be called
// from several threads at once, Reduce() may not.
#pragma once

#include <vector>

#include "image/affine.h"
#include "image/image.h"

namespace gpen {

class ImagePyramid {
 public:
  explicit ImagePyramid(ImageView full) : full_(full) {}

  ImageView full() const { return full_; }
  ImageView smallest() const { return levels_.empty() ? full_ : levels_.back().view(); }

  /// The picture at `width` x `height`, averaged from the smallest version so far, which must not
  /// be smaller. It becomes the smallest; nothing is added where it has that size already.
  ImageView Reduce(int width, int height);

  /// ExtractCrop of the full picture, read from the smallest version that is not coarser than the
  /// crop.
  Image Crop(const Affine& full_from_crop, int width, int height) const;

 private:
  ImageView full_;
  std::vector<Image> levels_;  // Largest first, without the full picture.
};

}  // namespace gpen
