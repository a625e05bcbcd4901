#include "restore/screen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <random>

#include "image/resample.h"

namespace gpen::restore {
namespace {

constexpr int kSide = 400;

// What is printed: soft hills of brightness, and an edge; 0 to 1.
double Tone(int x, int y) {
  const double hills = 0.5 + 0.25 * std::sin(x / 40.0) + 0.2 * std::cos(y / 31.0 + x / 77.0);
  return std::clamp(x + 2 * y > 700 ? hills - 0.3 : hills, 0.05, 0.95);
}

// As dots that are `distance` pixels apart along lines that are turned by `degrees`; 0: none.
template <typename Sample>
codec::Photo Printed(double distance, double degrees = 45, int channels = 3, double noise = 4) {
  constexpr double kUnit = std::numeric_limits<Sample>::max();
  const double angle = degrees * std::numbers::pi / 180;
  Image ink(kSide, kSide, 1, SampleType::kF32);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      double value = Tone(x, y);
      if (distance > 0) {
        const double u = (x * std::cos(angle) + y * std::sin(angle)) / distance;
        const double v = (y * std::cos(angle) - x * std::sin(angle)) / distance;
        const double dots =
            0.5 + 0.25 * (std::cos(2 * std::numbers::pi * u) + std::cos(2 * std::numbers::pi * v));
        value = value > dots ? 1 : 0;
      }
      ink.Row<float>(y)[x] = static_cast<float>(0.1 + 0.8 * value);
    }
  }
  if (distance > 0) ink = GaussianBlur(ink.view(), 0.7);
  std::mt19937 random(1);
  std::normal_distribution<double> deviation(0, noise / 255);
  codec::Photo photo;
  photo.pixels = Image(kSide, kSide, channels, kSampleTypeOf<Sample>);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      for (int c = 0; c < channels; ++c) {
        const double value = ink.Row<float>(y)[x] + (noise > 0 ? deviation(random) : 0);
        photo.pixels.Row<Sample>(y)[x * channels + c] =
            static_cast<Sample>(kUnit * std::clamp(value, 0.0, 1.0));
      }
    }
  }
  return photo;
}

double Measured(const codec::Photo& photo) {
  return MeasureScreen(photo.pixels.view(), 2).value_or(0);
}

TEST(Screen, ItsDotsAreFoundAtAnyAngle) {
  for (const double distance : {3.2, 4.5, 6.0, 9.0}) {
    for (const double degrees : {15.0, 45.0, 71.0}) {
      EXPECT_NEAR(Measured(Printed<std::uint8_t>(distance, degrees)), distance, 0.15)
          << degrees << " degrees";
    }
  }
  EXPECT_NEAR(Measured(Printed<std::uint16_t>(4.5)), 4.5, 0.15);
  EXPECT_NEAR(Measured(Printed<std::uint8_t>(4.5, 45, 2)), 4.5, 0.15);
}

TEST(Screen, WhatIsNotPrintedHasNone) {
  EXPECT_EQ(Measured(Printed<std::uint8_t>(0)), 0);
  EXPECT_EQ(Measured(Printed<std::uint8_t>(0, 45, 3, 30)), 0) << "noise";
  codec::Photo photo = Printed<std::uint8_t>(0);
  for (int y = 0; y < kSide; ++y) {  // The squares of a JPEG.
    for (int x = 0; x < 3 * kSide; ++x) {
      auto& sample = photo.pixels.Row<std::uint8_t>(y)[x];
      sample = static_cast<std::uint8_t>(sample + (x / 3 / 8 * 37 + y / 8 * 91) % 13);
    }
  }
  EXPECT_EQ(Measured(photo), 0);
  photo = Printed<std::uint8_t>(4.5);  // One dress in a photo.
  const codec::Photo even = Printed<std::uint8_t>(0);
  for (int y = 0; y < kSide; ++y) {
    std::copy_n(even.pixels.Row<std::uint8_t>(y), 3 * 260, photo.pixels.Row<std::uint8_t>(y));
  }
  EXPECT_EQ(Measured(photo), 0);
  EXPECT_EQ(MeasureScreen(Image(90, 90, 1, SampleType::kU8).view(), 1), std::nullopt);
}

// The mean difference of green and what was printed.
double ErrorOf(const codec::Photo& photo) {
  double sum = 0;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const int channels = photo.pixels.channels();
      const double value =
          photo.pixels.Row<std::uint8_t>(y)[x * channels + (channels < 3 ? 0 : 1)] / 255.0;
      sum += std::fabs(value - (0.1 + 0.8 * Tone(x, y)));
    }
  }
  return sum / (kSide * kSide);
}

TEST(Screen, WithoutItsDotsAPrintIsWhatWasPrinted) {
  codec::Photo photo = Printed<std::uint8_t>(4.5, 45, 2);
  const Image before = photo.pixels.Clone();
  const double dotted = ErrorOf(photo);
  EXPECT_NEAR(RemoveScreen(2, &photo), 4.5, 0.15);
  EXPECT_LT(ErrorOf(photo), 0.3 * dotted);
  for (int y = 0; y < kSide; y += 13) {  // Alpha.
    EXPECT_EQ(photo.pixels.Row<std::uint8_t>(y)[2 * y + 1], before.Row<std::uint8_t>(y)[2 * y + 1]);
  }
}

}  // namespace
}  // namespace gpen::restore
