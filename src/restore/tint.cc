#include "restore/tint.h"

#include <algorithm>
#include <cmath>

#include "restore/yuv.h"

namespace gpen::restore {
namespace {

// Solves the symmetric 3x3 system a * x = b by Cramer's rule; nothing where it is singular.
std::optional<std::array<double, 3>> Solve(const double (&a)[3][3],
                                           const std::array<double, 3>& b) {
  const auto det = [](double m00, double m01, double m02, double m10, double m11, double m12,
                      double m20, double m21, double m22) {
    return m00 * (m11 * m22 - m12 * m21) - m01 * (m10 * m22 - m12 * m20) +
           m02 * (m10 * m21 - m11 * m20);
  };
  const double d =
      det(a[0][0], a[0][1], a[0][2], a[1][0], a[1][1], a[1][2], a[2][0], a[2][1], a[2][2]);
  if (std::fabs(d) < 1e-12) return std::nullopt;
  return std::array{
      det(b[0], a[0][1], a[0][2], b[1], a[1][1], a[1][2], b[2], a[2][1], a[2][2]) / d,
      det(a[0][0], b[0], a[0][2], a[1][0], b[1], a[1][2], a[2][0], b[2], a[2][2]) / d,
      det(a[0][0], a[0][1], b[0], a[1][0], a[1][1], b[1], a[2][0], a[2][1], b[2]) / d};
}

}  // namespace

std::optional<Tint> FindTint(ImageView picture, double largest_mean_error) {
  // A large picture has the same tint in every second row and column.
  constexpr int kLarge = 128;
  const int step = std::min(picture.width(), picture.height()) >= kLarge ? 2 : 1;
  double moment[5] = {};
  std::array<double, 3> u = {};
  std::array<double, 3> v = {};
  double square_sum = 0;
  double n = 0;
  for (int row = 0; row < picture.height(); row += step) {
    const float* pixel = picture.Row<float>(row);
    for (int x = 0; x < picture.width(); x += step, pixel += 3 * step) {
      const Yuv p = ToYuv(pixel);
      double power = 1;
      for (int k = 0; k < 5; ++k, power *= p.y) {
        moment[k] += power;
        if (k < 3) {
          u[static_cast<std::size_t>(k)] += power * p.u;
          v[static_cast<std::size_t>(k)] += power * p.v;
        }
      }
      square_sum += p.u * p.u + p.v * p.v;
      n += 1;
    }
  }
  if (square_sum / n < 1e-9) return Tint{};  // Gray.
  double a[3][3];
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) a[i][j] = moment[i + j];
    a[i][i] += 1e-4 * n;  // A flat picture does not define the curve; keep it small.
  }
  const auto fit_u = Solve(a, u);
  const auto fit_v = Solve(a, v);
  if (!fit_u || !fit_v) return std::nullopt;
  const Tint tint = {*fit_u, *fit_v};
  double error = 0;
  for (int row = 0; row < picture.height(); row += step) {
    const float* pixel = picture.Row<float>(row);
    for (int x = 0; x < picture.width(); x += step, pixel += 3 * step) {
      const Yuv p = ToYuv(pixel);
      error += std::fabs(p.u - tint.U(p.y)) + std::fabs(p.v - tint.V(p.y));
    }
  }
  if (error / (2 * n) > largest_mean_error) return std::nullopt;
  return tint;
}

}  // namespace gpen::restore
