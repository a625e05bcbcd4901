// Pictures -> the input tensors of the face networks.
#pragma once

#include <span>

#include "image/image.h"

namespace gpen::face {

/// Writes `crop` (kF32 in 0..1, 1 to 4 channels; gray counts as R=G=B, alpha is ignored) to
/// `tensor` (3 x height x width, RGB planes) as value * scale + offset.
void FillPlanarRgb(ImageView crop, float scale, float offset, std::span<float> tensor);

/// The same, interleaved: height x width x 3.
void FillInterleavedRgb(ImageView crop, float scale, float offset, std::span<float> tensor);

/// Rec. 601 luma of `crop` times `scale`: height x width.
void FillGray(ImageView crop, float scale, std::span<float> tensor);

}  // namespace gpen::face
