#include "restore/blur.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <utility>

#include "image/resample.h"

namespace gpen::restore {
namespace {

constexpr int kSide = 400;

// Slanted squares of several shades, blurred by `blur`, with noise.
template <typename Sample>
Image Drawn(double blur, double noise = 0, int channels = 3) {
  constexpr float kUnit = std::numeric_limits<Sample>::max() / 255.0F;
  Image sharp(kSide, kSide, 1, SampleType::kF32);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const int across = (4 * x + y) / 170;
      const int down = (4 * y - x + 4 * kSide) / 170;
      sharp.Row<float>(y)[x] = static_cast<float>(40 + 60 * ((across + 2 * down) % 4));
    }
  }
  const Image soft = blur > 0 ? GaussianBlur(sharp.view(), blur) : std::move(sharp);
  std::mt19937 random(1);
  std::normal_distribution<float> deviation(0, static_cast<float>(noise));
  Image photo(kSide, kSide, channels, kSampleTypeOf<Sample>);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const float value = soft.Row<float>(y)[x] + (noise > 0 ? deviation(random) : 0);
      for (int c = 0; c < channels; ++c) {
        photo.Row<Sample>(y)[x * channels + c] =
            static_cast<Sample>(kUnit * std::clamp(value, 0.0F, 255.0F));
      }
    }
  }
  return photo;
}

TEST(Blur, IsWhatAPictureWasBlurredBy) {
  for (const double blur : {1.0, 1.5, 2.5, 4.0}) {
    EXPECT_NEAR(MeasureBlur(Drawn<std::uint8_t>(blur).view()).value_or(0), blur, 0.2);
    EXPECT_NEAR(MeasureBlur(Drawn<std::uint8_t>(blur, 4).view()).value_or(0), blur, 0.25 * blur);
  }
  EXPECT_LT(MeasureBlur(Drawn<std::uint8_t>(0).view()).value_or(1), 0.65);
}

TEST(Blur, DoesNotDependOnThePhotosKind) {
  const double blur = MeasureBlur(Drawn<std::uint8_t>(2).view()).value_or(0);
  EXPECT_NEAR(MeasureBlur(Drawn<std::uint16_t>(2).view()).value_or(0), blur, 0.05);
  EXPECT_NEAR(MeasureBlur(Drawn<std::uint8_t>(2, 0, 1).view()).value_or(0), blur, 0.05);
  EXPECT_NEAR(MeasureBlur(Drawn<std::uint8_t>(2, 0, 2).view()).value_or(0), blur, 0.05);
}

TEST(Blur, IsThatOfWhatIsInFocus) {
  const Image sharp = Drawn<std::uint8_t>(1);
  Image photo = Drawn<std::uint8_t>(4);
  for (int y = 100; y < 300; ++y) {
    std::copy_n(sharp.Row<std::uint8_t>(y) + 300, 600, photo.Row<std::uint8_t>(y) + 300);
  }
  EXPECT_LT(MeasureBlur(photo.view()).value_or(9), 1.5);
}

TEST(Blur, WithoutEdgesNothingIsKnown) {
  Image even(300, 300, 3, SampleType::kU8);
  for (int y = 0; y < 300; ++y) std::fill_n(even.Row<std::uint8_t>(y), 900, std::uint8_t{90});
  EXPECT_EQ(MeasureBlur(even.view()), std::nullopt);
  EXPECT_EQ(MeasureBlur(Image(8, 500, 1, SampleType::kU16).view()), std::nullopt);
}

}  // namespace
}  // namespace gpen::restore
