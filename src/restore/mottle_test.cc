#include "restore/mottle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "image/resample.h"

namespace gpen::restore {
namespace {

constexpr int kSide = 300;

// A sky above a dark wall, in levels.
double Tone(int, int y) { return y < 200 ? 120 + y / 10.0 : 40; }

// With noise of a deviation in levels, blurred by `clump` pixels.
template <typename Sample>
Image Drawn(double noise, double clump, int channels = 3) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  Image grain(kSide, kSide, 1, SampleType::kF32);
  std::generate_n(grain.Row<float>(0), kSide * kSide, [&] { return normal(random); });
  double scale = noise;
  if (clump > 0) {
    grain = GaussianBlur(grain.view(), clump);
    scale *= 2 * std::sqrt(std::acos(-1.0)) * clump;
  }
  Image photo(kSide, kSide, channels, kSampleTypeOf<Sample>);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const double level = Tone(x, y) + scale * grain.Row<float>(y)[x];
      for (int c = 0; c < channels; ++c) {
        photo.Row<Sample>(y)[x * channels + c] = static_cast<Sample>(
            std::clamp(level, 0.0, 255.0) / 255 * std::numeric_limits<Sample>::max());
      }
    }
  }
  return photo;
}

// From the tones, in levels, between two rows.
template <typename Sample>
double Error(const Image& photo, int top, int bottom) {
  double sum = 0;
  for (int y = top; y < bottom; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const double level =
          255.0 * photo.Row<Sample>(y)[x * photo.channels()] / std::numeric_limits<Sample>::max();
      sum += std::pow(level - Tone(x, y), 2);
    }
  }
  return std::sqrt(sum / (bottom - top) / kSide);
}

TEST(Mottle, ClumpsAreMeasuredAndFineGrainIsNone) {
  EXPECT_GT(MeasureMottle(Drawn<std::uint8_t>(14, 0.8).view()), 4);
  EXPECT_GT(MeasureMottle(Drawn<std::uint16_t>(10, 1.3, 1).view()), 3);
  EXPECT_EQ(MeasureMottle(Drawn<std::uint8_t>(20, 0).view()), 0);
  EXPECT_EQ(MeasureMottle(Drawn<std::uint8_t>(3, 0.8).view()), 0);
  EXPECT_EQ(MeasureMottle(Drawn<std::uint8_t>(0, 0).view()), 0);
  EXPECT_EQ(MeasureMottle(Image(3, 2, 3, SampleType::kU8).view()), 0);
}

template <typename Sample>
void ExpectEven(int channels) {
  const Image before = Drawn<Sample>(2.5, 1.5, channels);
  Image photo = before.Clone();
  RemoveMottle(5, 2, photo.mutable_view());
  EXPECT_LT(Error<Sample>(photo, 20, 180), 0.6 * Error<Sample>(before, 20, 180));
  EXPECT_LT(Error<Sample>(photo, 190, 210), 1.3 * Error<Sample>(before, 190, 210))
      << "an edge stays one";
  if (channels % 2 == 1) return;
  for (int x = 0; x < kSide; ++x) {
    const int alpha = x * channels + channels - 1;
    EXPECT_EQ(photo.Row<Sample>(50)[alpha], before.Row<Sample>(50)[alpha]);
  }
}

TEST(Mottle, IslandsAreEvenedOutAndEdgesStay) {
  ExpectEven<std::uint8_t>(3);
  ExpectEven<std::uint16_t>(3);
  ExpectEven<std::uint8_t>(1);
  ExpectEven<std::uint8_t>(4);
}

TEST(Mottle, TheResultDoesNotDependOnThreads) {
  Image one = Drawn<std::uint8_t>(2, 3);
  Image other = one.Clone();
  RemoveMottle(5, 1, one.mutable_view());
  RemoveMottle(5, 3, other.mutable_view());
  EXPECT_TRUE(std::equal(one.Row<std::uint8_t>(0), one.Row<std::uint8_t>(0) + 3 * kSide * kSide,
                         other.Row<std::uint8_t>(0)));
}

}  // namespace
}  // namespace gpen::restore
