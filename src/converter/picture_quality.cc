#include "converter/picture_quality.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace gpen::converter {
namespace {

constexpr int kWindow = 8;
constexpr int kStep = 4;

double WindowSsim(const float* a, const float* b, std::size_t stride, double peak) {
  double sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
  for (int y = 0; y < kWindow; ++y) {
    for (int x = 0; x < kWindow; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * stride + static_cast<std::size_t>(x);
      sum_a += a[i];
      sum_b += b[i];
      sum_aa += double{a[i]} * a[i];
      sum_bb += double{b[i]} * b[i];
      sum_ab += double{a[i]} * b[i];
    }
  }
  constexpr double kCount = kWindow * kWindow;
  const double mean_a = sum_a / kCount, mean_b = sum_b / kCount;
  const double variance_a = sum_aa / kCount - mean_a * mean_a;
  const double variance_b = sum_bb / kCount - mean_b * mean_b;
  const double covariance = sum_ab / kCount - mean_a * mean_b;
  const double c1 = std::pow(0.01 * peak, 2), c2 = std::pow(0.03 * peak, 2);
  return (2 * mean_a * mean_b + c1) * (2 * covariance + c2) /
         ((mean_a * mean_a + mean_b * mean_b + c1) * (variance_a + variance_b + c2));
}

}  // namespace

double Psnr(std::span<const float> a, std::span<const float> b, double peak) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double{a[i]} - b[i], 2);
  constexpr double kEqual = 200;
  if (sum == 0) return kEqual;
  return std::min(kEqual, 10 * std::log10(peak * peak * static_cast<double>(a.size()) / sum));
}

double Ssim(std::span<const float> a, std::span<const float> b, int size, int planes, double peak) {
  const auto side = static_cast<std::size_t>(size);
  double sum = 0;
  int count = 0;
  for (int plane = 0; plane < planes; ++plane) {
    for (int y = 0; y + kWindow <= size; y += kStep) {
      for (int x = 0; x + kWindow <= size; x += kStep, ++count) {
        const std::size_t start =
            (static_cast<std::size_t>(plane) * side + static_cast<std::size_t>(y)) * side +
            static_cast<std::size_t>(x);
        sum += WindowSsim(a.data() + start, b.data() + start, side, peak);
      }
    }
  }
  return count == 0 ? 1.0 : sum / count;
}

}  // namespace gpen::converter
