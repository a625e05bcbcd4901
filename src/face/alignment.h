// Alignment: where a face must lie in a network's input.
#pragma once

#include <array>
#include <span>

#include "image/affine.h"
#include "nn/manifest.h"

namespace gpen::face {

/// Left eye, right eye, nose tip, left and right corner of the mouth (left as seen in the picture).
using FivePoints = std::array<Point, 5>;

/// The template's points for a `size` x `size` network input, in pixels.
FivePoints TemplatePoints(nn::FaceTemplate face_template, int size);

/// Similarity (rotation, one scale, shift; no reflection) that takes `from` to `to` with the least
/// sum of squared distances (Umeyama 1991, without its reflection case). Both have the same size,
/// at least 2, and `from` has two different points.
Affine EstimateSimilarity(std::span<const Point> from, std::span<const Point> to);

}  // namespace gpen::face
