// Resizing and cropping with proper anti-aliasing, blurs and masks.
#pragma once

#include <span>

#include "image/affine.h"
#include "image/image.h"

namespace gpen {

/// `source` resized to `width` x `height`: along either axis the mean over each target pixel's part
/// where it shrinks, cubic where it grows. Same channels and sample type; integers are rounded to
/// nearest.
Image Resize(ImageView source, int width, int height);

/// `source` turned clockwise by `quarter_turns` (0..3) times 90 degrees.
Image Rotate(ImageView source, int quarter_turns);
/// Map from the pixels of Rotate()'s result to those of its `width` x `height` source.
Affine RotateMap(int width, int height, int quarter_turns);

/// The `width` x `height` picture that `source_from_crop` (a similarity) cuts out of `source`, as
/// floats in 0..1 (float sources keep their unit) with the source's channels. What lies outside of
/// the source repeats its edge. Where the source is finer than the crop it is averaged first, so
/// that nothing aliases.
Image ExtractCrop(ImageView source, const Affine& source_from_crop, int width, int height);

/// Gaussian blur of a kF32 image, `sigma` in pixels, edges reflected.
Image GaussianBlur(ImageView source, double sigma);

/// kF32 mask: 1 inside the convex hull of `points` (pixels, at least 3), 0 outside, smooth edge.
Image ConvexHullMask(std::span<const Point> points, int width, int height);

/// Integer samples as floats in 0..1; float images are copied.
Image ToFloat(ImageView source);

/// Floats in 0..1 as kU8, clipped and rounded to nearest.
Image ToBytes(ImageView source);

}  // namespace gpen
