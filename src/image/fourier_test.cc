#include "image/fourier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

namespace gpen {
namespace {

TEST(Fourier, AWaveIsOneValue) {
  constexpr int kSide = 32;
  std::vector<std::complex<float>> values(kSide * kSide);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      values[static_cast<std::size_t>(y * kSide + x)] =
          static_cast<float>(std::cos(2 * std::numbers::pi * (3 * x - 5 * y) / kSide));
    }
  }
  FourierTransform(kSide).Forward(values.data());
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const bool is_it = (y == kSide - 5 && x == 3) || (y == 5 && x == kSide - 3);
      const auto value = values[static_cast<std::size_t>(y * kSide + x)];
      EXPECT_NEAR(std::abs(value), is_it ? kSide * kSide / 2 : 0, 1e-3) << y << " " << x;
    }
  }
}

TEST(Fourier, TheInverseUndoesIt) {
  for (const int side : {2, 64, 128}) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<std::complex<float>> values(static_cast<std::size_t>(side * side));
    for (auto& value : values) value = {normal(random), normal(random)};
    const auto before = values;
    const FourierTransform transform(side);
    transform.Forward(values.data());
    transform.Inverse(values.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_LT(std::abs(values[i] - before[i]), 1e-4) << side;
    }
  }
}

}  // namespace
}  // namespace gpen
