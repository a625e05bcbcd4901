// Face boxes and the two ways in which they are merged.
#pragma once

#include <vector>

#include "image/affine.h"

namespace gpen::face {

/// Axis-parallel box in pixels, edges as coordinates (not pixel indices).
struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;

  double width() const { return right - left; }
  double height() const { return bottom - top; }
  double area() const { return width() > 0 && height() > 0 ? width() * height() : 0; }
  Point center() const { return {(left + right) / 2, (top + bottom) / 2}; }
};

struct ScoredBox {
  Box box;
  double score = 0;  ///< 0..1
};

/// The box about the corners of `box` under `map`.
Box Transform(const Box& box, const Affine& map);

/// Area of the common part.
double Intersection(const Box& a, const Box& b);
/// Intersection over union, 0..1.
double Iou(const Box& a, const Box& b);
/// Intersection over the smaller of the two areas, 0..1: 1 when one contains the other.
double Containment(const Box& a, const Box& b);

/// Whether two boxes show the same face: they overlap, or one lies in the other.
bool IsSameFace(const Box& a, const Box& b);

/// Greedy non-maximum suppression: of boxes that overlap by more than `iou` only the best stays.
/// The result is sorted by falling score.
std::vector<ScoredBox> SuppressNonMaxima(std::vector<ScoredBox> boxes, double iou);

}  // namespace gpen::face
