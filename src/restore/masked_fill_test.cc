#include "restore/masked_fill.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>

namespace gpen::restore {
namespace {

constexpr int kWidth = 300;  // More than a tile.
constexpr int kHeight = 280;

using Draw = std::function<double(int x, int y)>;

// Of gray values 0 to 255.
Image Drawn(const Draw& draw) {
  Image photo(kWidth, kHeight, 3, SampleType::kU8);
  for (int y = 0; y < kHeight; ++y) {
    auto* row = photo.Row<std::uint8_t>(y);
    for (int i = 0; i < 3 * kWidth; ++i) {
      row[i] = static_cast<std::uint8_t>(std::lround(draw(i / 3, y)));
    }
  }
  return photo;
}

// A number from -1 to 1 that follows from the place alone.
double Noise(int x, int y) {
  auto seed = static_cast<std::uint32_t>(x * 7919 + y * 104729 + 1);
  for (int i = 0; i < 3; ++i) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
  }
  return seed / 2147483648.0 - 1;
}

bool IsScratched(int x, int y) { return std::abs(x - 255 - y / 20) <= 3; }

// With a white scratch across it, which crosses from tile to tile, and what became of it.
std::pair<Image, Image> FilledAfterScratching(const Image& photo) {
  Image damaged = CopyOf(photo.view());
  Image mask(kWidth, kHeight, 1, SampleType::kU8);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      mask.Row<std::uint8_t>(y)[x] = IsScratched(x, y) ? 255 : 0;
      if (!IsScratched(x, y)) continue;
      for (int c = 0; c < 3; ++c) damaged.Row<std::uint8_t>(y)[3 * x + c] = 255;
    }
  }
  Image filled = CopyOf(damaged.view());
  FillMasked(damaged.view(), mask.view(), 2, filled.mutable_view());
  return {std::move(damaged), std::move(filled)};
}

// The root of the mean square, over the scratch, of the green difference to `draw`.
double ErrorIn(const Image& photo, const Draw& draw) {
  double sum = 0;
  int count = 0;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      if (!IsScratched(x, y)) continue;
      sum += std::pow(photo.Row<std::uint8_t>(y)[3 * x + 1] - draw(x, y), 2);
      ++count;
    }
  }
  return std::sqrt(sum / count);
}

TEST(MaskedFill, ASlopeGoesOnWithoutAStep) {
  const Draw slope = [](int x, int y) { return 30 + 0.4 * x + 0.2 * y; };
  const auto [damaged, filled] = FilledAfterScratching(Drawn(slope));
  EXPECT_LT(ErrorIn(filled, slope), 1);
}

TEST(MaskedFill, WhatIsNotMarkedStaysToTheLastBit) {
  const auto [damaged, filled] =
      FilledAfterScratching(Drawn([](int x, int y) { return 128 + 90 * Noise(x, y); }));
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      if (IsScratched(x, y)) continue;
      ASSERT_EQ(filled.Row<std::uint8_t>(y)[3 * x], damaged.Row<std::uint8_t>(y)[3 * x]);
    }
  }
}

TEST(MaskedFill, GrainGoesOnAsStrongAsAboutIt) {
  const auto mean = [](int, int) { return 120.0; };
  const auto grain = [](int x, int y) { return 120 + 20 * Noise(x, y); };
  const auto [damaged, filled] = FilledAfterScratching(Drawn(grain));
  const double about = 20 / std::sqrt(3.0);
  EXPECT_GT(ErrorIn(filled, mean), 0.7 * about);
  EXPECT_LT(ErrorIn(filled, mean), 1.3 * about);
}

TEST(MaskedFill, StripesGoOnAcrossTheScratch) {
  const auto stripes = [](int x, int y) { return 120 + 80 * std::sin(y * 0.9 + 0.01 * x); };
  const auto [damaged, filled] = FilledAfterScratching(Drawn(stripes));
  EXPECT_LT(ErrorIn(filled, stripes), 8);
}

TEST(MaskedFill, AnEdgeBesideAScratchIsNotCopiedIntoIt) {
  // Only what is darker than the rest, some pixels away, could be copied as a structure.
  const auto draw = [](int x, int) { return x < 235 ? 20.0 : 180.0; };
  const auto [damaged, filled] = FilledAfterScratching(Drawn(draw));
  EXPECT_LT(ErrorIn(filled, draw), 4);
}

TEST(MaskedFill, SixteenBitsAndAlphaAreKept) {
  Image photo(64, 48, 2, SampleType::kU16);
  Image mask(64, 48, 1, SampleType::kU8);
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 64; ++x) {
      const bool marked = x == 30 || x == 31;
      photo.Row<std::uint16_t>(y)[2 * x] = marked ? 65535 : static_cast<std::uint16_t>(300 * x);
      photo.Row<std::uint16_t>(y)[2 * x + 1] = static_cast<std::uint16_t>(1000 + x);
      mask.Row<std::uint8_t>(y)[x] = marked ? 255 : 0;
    }
  }
  Image filled = CopyOf(photo.view());
  FillMasked(photo.view(), mask.view(), 1, filled.mutable_view());
  for (int y = 0; y < 48; ++y) {
    EXPECT_NEAR(filled.Row<std::uint16_t>(y)[2 * 30], 300 * 30, 60);
    EXPECT_EQ(filled.Row<std::uint16_t>(y)[2 * 30 + 1], 1030);
  }
}

}  // namespace
}  // namespace gpen::restore
