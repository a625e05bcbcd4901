#include "restore/cleaning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace gpen::restore {
namespace {

// Waves of light, with white noise of so many of 255 levels, and a strip of what is sharp.
template <typename Sample>
codec::Photo Noisy(double deviation, int channels = 3, int side = 200) {
  constexpr double kUnit = std::numeric_limits<Sample>::max() / 255.0;
  codec::Photo photo;
  photo.pixels = Image(side, side, channels, kSampleTypeOf<Sample>);
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, deviation);
  for (int y = 0; y < side; ++y) {
    auto* sample = photo.pixels.Row<Sample>(y);
    for (int x = 0; x < side; ++x) {
      const double square = y >= side / 4 ? 0 : (x / 3 + y / 3) % 2 == 0 ? 60 : -60;
      const double value =
          128 + 50 * std::sin(x * 0.05) * std::cos(y * 0.04) + square + noise(random);
      for (int c = 0; c < channels; ++c) {
        *sample++ = static_cast<Sample>(std::clamp(value, 0.0, 255.0) * kUnit + 0.5);
      }
    }
  }
  return photo;
}

TEST(CleaningTest, TheMoreNoiseTheMore) {
  const double none = NeededCleaning(Noisy<std::uint8_t>(0));
  const double little = NeededCleaning(Noisy<std::uint8_t>(5));
  const double much = NeededCleaning(Noisy<std::uint8_t>(15));
  EXPECT_LT(none, 0.1);
  EXPECT_NEAR(little, 0.15, 0.05);
  EXPECT_NEAR(much, 0.6, 0.1);
  EXPECT_EQ(NeededCleaning(Noisy<std::uint8_t>(50)), 1);
}

TEST(CleaningTest, IsAlikeForAllKindsOfPixels) {
  const double wanted = NeededCleaning(Noisy<std::uint8_t>(10));
  EXPECT_NEAR(NeededCleaning(Noisy<std::uint16_t>(10)), wanted, 0.02);
  EXPECT_NEAR(NeededCleaning(Noisy<std::uint8_t>(10, 1)), wanted, 0.02);
}

// Grain in clumps would partly be left as structure.
TEST(CleaningTest, ASoftPhotoIsCleanedMore) {
  // The same grain beside edges as sharp as pixels are, and beside such that are not.
  const auto needed = [](bool is_soft) {
    constexpr int kSide = 200;
    codec::Photo photo;
    photo.pixels = Image(kSide, kSide, 1, SampleType::kU8);
    std::mt19937 random(5);
    std::normal_distribution<double> noise(0, 3);
    double clump = 0;
    for (int i = 0; i < kSide * kSide; ++i) {
      const int y = i / kSide;
      const int x = i % kSide;
      if (i % 3 == 0) clump = noise(random);
      const double wave = std::sin(y * 0.6) * std::sin(x * 0.6);
      const double edge = y < 60 ? 60 * (is_soft ? wave : std::copysign(1, wave)) : 0;
      photo.pixels.Row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(128 + edge + clump);
    }
    return NeededCleaning(photo);
  };
  EXPECT_NEAR(needed(true), 2 * needed(false), 0.1);
  EXPECT_LT(needed(true), 0.9);
}

TEST(CleaningTest, ABadJpegIsCleanedAlsoWithoutNoise) {
  codec::Photo photo = Noisy<std::uint8_t>(0);
  photo.jpeg = codec::JpegTraits{.quality = 92};
  const double good = NeededCleaning(photo);
  photo.jpeg->quality = 35;
  EXPECT_LT(good, 0.1);
  EXPECT_GT(NeededCleaning(photo), 0.3);
}

TEST(CleaningTest, APhotoThatIsTooSmallToMeasureIsCleanedSomewhat) {
  EXPECT_NEAR(NeededCleaning(Noisy<std::uint8_t>(0, 3, 9)), 0.4, 0.2);
}

TEST(CleaningTest, FiftyIsWhatIsNeededAndAHundredTwiceThat) {
  EXPECT_EQ(CleaningAmount(0, 0.3), 0);
  EXPECT_DOUBLE_EQ(CleaningAmount(50, 0.3), 0.3);
  EXPECT_DOUBLE_EQ(CleaningAmount(100, 0.3), 0.6);
  EXPECT_EQ(CleaningAmount(100, 0.7), 1);
}

}  // namespace
}  // namespace gpen::restore
