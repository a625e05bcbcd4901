#include "face/evening.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace gpen::face {
namespace {

// Soft waves between `low` and `high`, with noise.
Image Picture(double low, double high, double noise) {
  Image picture(128, 96, 3, SampleType::kF32);
  std::mt19937 random(3);
  std::normal_distribution<double> normal(0, 1);
  for (int y = 0; y < picture.height(); ++y) {
    for (int i = 0; i < picture.width() * 3; ++i) {
      const double wave = 0.5 + 0.5 * std::sin(i / 45.0) * std::cos(y / 15.0);
      picture.Row<float>(y)[i] =
          static_cast<float>(low + (high - low) * wave + noise * normal(random));
    }
  }
  return picture;
}

TEST(IsBad, DarkFadedOrNoisy) {
  EXPECT_FALSE(IsBad(Picture(0.05, 0.95, 0).view()));
  EXPECT_FALSE(IsBad(Picture(0.05, 0.95, 0.002).view()));
  EXPECT_TRUE(IsBad(Picture(0, 0.15, 0).view())) << "dark";
  EXPECT_TRUE(IsBad(Picture(0.4, 0.8, 0).view())) << "faded";
  EXPECT_TRUE(IsBad(Picture(0.05, 0.95, 0.05).view())) << "noisy";
}

// The same as integer samples.
template <typename Sample>
Image Rounded(const Image& picture, SampleType type) {
  Image rounded(picture.width(), picture.height(), 3, type);
  for (int y = 0; y < picture.height(); ++y) {
    for (int i = 0; i < picture.width() * 3; ++i) {
      const float value = std::clamp(picture.Row<float>(y)[i], 0.0F, 1.0F);
      rounded.Row<Sample>(y)[i] =
          static_cast<Sample>(std::lround(value * std::numeric_limits<Sample>::max()));
    }
  }
  return rounded;
}

TEST(IsPaleOrNoisy, LooksAtContrastAndNoise) {
  const auto is = [](const Image& picture) {
    const bool of_bytes = IsPaleOrNoisy(Rounded<std::uint8_t>(picture, SampleType::kU8).view());
    EXPECT_EQ(of_bytes, IsPaleOrNoisy(Rounded<std::uint16_t>(picture, SampleType::kU16).view()));
    return of_bytes;
  };
  EXPECT_FALSE(is(Picture(0.05, 0.95, 0)));
  EXPECT_FALSE(is(Picture(0.05, 0.95, 0.002)));
  EXPECT_TRUE(is(Picture(0.4, 0.6, 0))) << "pale";
  EXPECT_TRUE(is(Picture(0.05, 0.95, 0.05))) << "noisy";
  EXPECT_TRUE(is(Picture(0.3, 0.75, 0.01))) << "little noise, but for little contrast";
}

TEST(EvenOut, StretchesAndTakesTheNoise) {
  const Image even = EvenOut(Picture(0.02, 0.14, 0.02).view(), 2);
  ASSERT_EQ(even.channels(), 1);
  ASSERT_EQ(even.width(), 128);
  float low = 1;
  float high = 0;
  double roughness = 0;
  for (int y = 0; y < even.height(); ++y) {
    for (int x = 0; x < even.width(); ++x) {
      low = std::min(low, even.Row<float>(y)[x]);
      high = std::max(high, even.Row<float>(y)[x]);
      if (x > 0) roughness += std::abs(even.Row<float>(y)[x] - even.Row<float>(y)[x - 1]);
    }
  }
  EXPECT_EQ(low, 0);
  EXPECT_EQ(high, 1);
  // Stretched alone, neighbours would differ by about 0.2.
  EXPECT_LT(roughness / (even.height() * even.width()), 0.08);
}

TEST(EvenOut, AFlatPictureStaysOne) {
  const Image even = EvenOut(Picture(0.3, 0.3, 0).view(), 1);
  for (int x = 0; x < even.width(); ++x) {
    ASSERT_TRUE(std::isfinite(even.Row<float>(5)[x]));
    ASSERT_EQ(even.Row<float>(5)[x], even.Row<float>(40)[0]);
  }
}

}  // namespace
}  // namespace gpen::face
