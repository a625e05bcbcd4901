#include "image/image_pyramid.h"

#include <algorithm>
#include <cassert>

#include "image/resample.h"

namespace gpen {

ImageView ImagePyramid::Reduce(int width, int height) {
  const ImageView from = smallest();
  assert(width <= from.width() && height <= from.height());
  if (width != from.width() || height != from.height()) {
    levels_.push_back(Resize(from, width, height));
  }
  return smallest();
}

Image ImagePyramid::Crop(const Affine& full_from_crop, int width, int height) const {
  ImageView best = full_;
  Affine full_from_best;
  const double scale = full_from_crop.Scale();
  for (const auto& level : levels_) {
    const Affine full_from_level =
        ResizeMap(1.0 * full_.width() / level.width(), 1.0 * full_.height() / level.height());
    if (std::max(full_from_level.xx, full_from_level.yy) > scale) break;
    best = level.view();
    full_from_best = full_from_level;
  }
  return ExtractCrop(best, full_from_best.Inverse() * full_from_crop, width, height);
}

}  // namespace gpen
