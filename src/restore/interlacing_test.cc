#include "restore/interlacing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <utility>

#include "restore/patterns.h"

namespace gpen::restore {
namespace {

constexpr int kWidth = 240;
constexpr int kHeight = 176;

// Leaning stripes and hills of brightness, 0 to 1: something of every length everywhere.
double Tone(double x, double y) {
  return 0.5 + 0.2 * std::sin(x / 4.1 + y / 17) + 0.15 * std::sin(x / 11.3 - y / 9) +
         0.1 * std::cos(y / 7.7);
}

// What moves: the middle, by `movement` pixels from even to odd rows.
bool Moves(int x, int y) { return std::hypot(x - 120, 1.3 * (y - 88)) < 75; }

struct Still {
  int movement = 0;
  double noise = 2;
  int channels = 3;
  int rows = kHeight;
};

template <typename Sample>
Image Drawn(const Still& still) {
  constexpr double kMost = std::numeric_limits<Sample>::max();
  std::mt19937 random(1);
  std::normal_distribution<double> deviation(0, 1);
  Image photo(kWidth, still.rows, still.channels, kSampleTypeOf<Sample>);
  for (int y = 0; y < still.rows; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const bool moved = y % 2 == 1 && Moves(x, y);
      for (int c = 0; c < still.channels; ++c) {
        const double value =
            Tone(x - (moved ? still.movement : 0), y) + still.noise / 255 * deviation(random);
        photo.Row<Sample>(y)[x * still.channels + c] =
            static_cast<Sample>(kMost * std::clamp(value, 0.0, 1.0));
      }
    }
  }
  return photo;
}

template <typename Sample>
double MeanDifference(ImageView one, ImageView other) {
  double sum = 0;
  const int samples = one.width() * one.channels();
  for (int y = 0; y < one.height(); ++y) {
    for (int x = 0; x < samples; ++x) {
      sum += std::abs(one.Row<Sample>(y)[x] - other.Row<Sample>(y)[x]);
    }
  }
  return 255 * sum / samples / one.height() / std::numeric_limits<Sample>::max();
}

bool SameRow(ImageView one, ImageView other, int y) {
  return std::memcmp(one.Row<std::uint8_t>(y), other.Row<std::uint8_t>(y),
                     static_cast<std::size_t>(one.width() * one.channels())) == 0;
}

bool IsInterlaced(Image pixels) {
  codec::Photo photo;
  photo.pixels = std::move(pixels);
  return RemoveInterlacing(2, &photo);
}

template <typename Sample>
void ExpectMended(const Still& still) {
  Still at_rest = still;
  at_rest.movement = 0;
  const Image truth = Drawn<Sample>(at_rest);
  codec::Photo photo;
  photo.pixels = Drawn<Sample>(still);
  const double before = MeanDifference<Sample>(photo.pixels.view(), truth.view());
  EXPECT_TRUE(RemoveInterlacing(2, &photo));
  EXPECT_LT(MeanDifference<Sample>(photo.pixels.view(), truth.view()), 0.5 * before);
}

TEST(Interlacing, WhatMovedIsMadeOneAgain) {
  for (const int movement : {-11, -3, 2, 7, 14}) {
    ExpectMended<std::uint8_t>({.movement = movement});
  }
  ExpectMended<std::uint16_t>({.movement = 9});
  ExpectMended<std::uint8_t>({.movement = 9, .channels = 1});
  ExpectMended<std::uint8_t>({.movement = 9, .noise = 8});
  ExpectMended<std::uint8_t>({.movement = 9, .rows = kHeight - 1});
}

TEST(Interlacing, EvenRowsAndWhatIsAtRestStay) {
  const Image still = Drawn<std::uint8_t>({.movement = 9});
  codec::Photo photo;
  photo.pixels = still.Clone();
  ASSERT_TRUE(RemoveInterlacing(2, &photo));
  for (int y = 0; y < kHeight; y += 2) {
    EXPECT_TRUE(SameRow(photo.pixels.view(), still.view(), y)) << y;
  }
  const Rect corner = {0, 0, 32, 16};
  for (int y = 0; y < corner.height; ++y) {
    EXPECT_TRUE(SameRow(photo.pixels.view().Crop(corner), still.view().Crop(corner), y)) << y;
  }
}

TEST(Interlacing, AlphaStays) {
  codec::Photo photo;
  photo.pixels = Drawn<std::uint8_t>({.movement = 9, .channels = 4});
  const Image before = photo.pixels.Clone();
  ASSERT_TRUE(RemoveInterlacing(2, &photo));
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      ASSERT_EQ(photo.pixels.Row<std::uint8_t>(y)[4 * x + 3],
                before.Row<std::uint8_t>(y)[4 * x + 3]);
    }
  }
}

TEST(Interlacing, OtherPhotosAreNotTakenForIt) {
  for (const double noise : {0.0, 2.0, 20.0}) {
    EXPECT_FALSE(IsInterlaced(Drawn<std::uint8_t>({.noise = noise}))) << noise;
  }
  // Rows that alternate fit nowhere: a fine pattern, not a movement.
  Image stripes(kWidth, kHeight, 1, SampleType::kU8);
  for (int y = 0; y < kHeight; ++y) {
    std::fill_n(stripes.Row<std::uint8_t>(y), kWidth, static_cast<std::uint8_t>(y % 2 * 90 + 60));
  }
  EXPECT_FALSE(IsInterlaced(std::move(stripes)));
  EXPECT_FALSE(IsInterlaced(Image(5, 300, 3, SampleType::kU8)));
  EXPECT_FALSE(IsInterlaced(Image(300, 5, 3, SampleType::kU8)));
}

TEST(Patterns, AreTakenAwayWhereThePhotoIsCleaned) {
  codec::Photo photo;
  photo.pixels = Drawn<std::uint8_t>({.movement = 9});
  RestoreOptions options;
  EXPECT_FALSE(RemovePatterns(options, 2, {}, &photo).any());
  EXPECT_TRUE(IsInterlaced(photo.pixels.Clone()));
  options.clean = 50;
  EXPECT_TRUE(RemovePatterns(options, 2, {}, &photo).interlaced);
  EXPECT_FALSE(RemovePatterns(options, 2, {}, &photo).any()) << "nothing is left of them";
}

}  // namespace
}  // namespace gpen::restore
