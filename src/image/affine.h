// Affine maps of the plane. Named after what they take from where: `photo_from_crop` maps a point
// of the crop to the photo. Pixel centres have integer coordinates.
#pragma once

#include <array>

namespace gpen {

struct Point {
  double x = 0;
  double y = 0;

  Point operator+(Point other) const { return {x + other.x, y + other.y}; }
  Point operator-(Point other) const { return {x - other.x, y - other.y}; }
  Point operator*(double factor) const { return {x * factor, y * factor}; }
};

double Length(Point vector);

/// x' = xx*x + xy*y + x0;  y' = yx*x + yy*y + y0.
struct Affine {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;

  Point operator()(Point p) const { return {xx * p.x + xy * p.y + x0, yx * p.x + yy * p.y + y0}; }
  /// (a * b)(p) = a(b(p)).
  Affine operator*(const Affine& b) const;
  /// The map back. The map must not be degenerate.
  Affine Inverse() const;
  /// Square root of the area of the image of a unit square: 2 when it doubles lengths.
  double Scale() const;
  bool operator==(const Affine&) const = default;
};

/// Rotation by `degrees` (clockwise on screen, since y points down) and scaling about the origin.
Affine RotationAndScale(double degrees, double scale);
Affine Translation(Point by);

/// Map from the pixel centres of a `factor` times smaller (or, below 1, larger) picture to those of
/// the original, so that the pictures' edges coincide.
Affine ResizeMap(double factor_x, double factor_y);

}  // namespace gpen
