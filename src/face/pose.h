// Pose: where a face is, how large, and how far it is tilted; and the crops that show it.
#pragma once

#include "face/box.h"
#include "image/affine.h"

namespace gpen::face {

/// A candidate as BlazeFace sees it: everything in pixels of the photo.
struct Pose {
  Point center;
  double side = 0;
  double roll_degrees = 0;
  double score = 0;
};

/// Map from a `size` x `size` crop to a square of `side` pixels about `center`, turned by
/// `degrees`.
inline Affine SquareCrop(Point center, double side, double degrees, int size) {
  const double middle = (size - 1) / 2.0;
  return Translation(center) * RotationAndScale(degrees, side / size) *
         Translation({-middle, -middle});
}

inline Affine Mirrored(int width) { return {-1, 0, width - 1.0, 0, 1, 0}; }

}  // namespace gpen::face
