#include "image/affine.h"

#include <cmath>
#include <numbers>

namespace gpen {

double Length(Point vector) { return std::hypot(vector.x, vector.y); }

Affine Affine::operator*(const Affine& b) const {
  return {xx * b.xx + xy * b.yx, xx * b.xy + xy * b.yy, xx * b.x0 + xy * b.y0 + x0,
          yx * b.xx + yy * b.yx, yx * b.xy + yy * b.yy, yx * b.x0 + yy * b.y0 + y0};
}

Affine Affine::Inverse() const {
  const double determinant = xx * yy - xy * yx;
  const Affine linear = {yy / determinant,  -xy / determinant, 0,
                         -yx / determinant, xx / determinant,  0};
  const Point origin = linear({x0, y0});
  return {linear.xx, linear.xy, -origin.x, linear.yx, linear.yy, -origin.y};
}

double Affine::Scale() const { return std::sqrt(std::fabs(xx * yy - xy * yx)); }

Affine RotationAndScale(double degrees, double scale) {
  const double angle = degrees * std::numbers::pi / 180;
  const double c = scale * std::cos(angle);
  const double s = scale * std::sin(angle);
  return {c, -s, 0, s, c, 0};
}

Affine Translation(Point by) { return {1, 0, by.x, 0, 1, by.y}; }

Affine ResizeMap(double factor_x, double factor_y) {
  return {factor_x, 0, (factor_x - 1) / 2, 0, factor_y, (factor_y - 1) / 2};
}

}  // namespace gpen
