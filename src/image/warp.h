// A picture read through an affine map.
#pragma once

#include "image/affine.h"
#include "image/image.h"

namespace gpen {

/// How a warp reads between pixels.
enum class Interpolation : std::uint8_t { kLinear, kCubic };
/// What a warp reads outside of its source.
enum class Outside : std::uint8_t { kZero, kNearestEdge };

/// Pixel (x, y) of the `width` x `height` result is `source` (kF32) at source_from_target(x, y). No
/// anti-aliasing: for maps that enlarge.
Image Warp(ImageView source, const Affine& source_from_target, int width, int height,
           Interpolation interpolation, Outside outside);

}  // namespace gpen
