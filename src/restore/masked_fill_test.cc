#include "restore/masked_fill.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <utility>

namespace gpen::restore {
namespace {

constexpr int kWidth = 560;  // More than two tiles.
constexpr int kHeight = 280;

using Draw = std::function<double(int x, int y)>;
using IsDamaged = std::function<bool(int x, int y)>;

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

// Across tiles.
bool IsScratched(int x, int y) { return std::abs(x - 255 - y / 20) <= 3; }

struct Filled {
  Image before;  // White where it is damaged.
  Image after;
};

Filled FilledAfter(const Image& photo, const IsDamaged& is_damaged = IsScratched) {
  Image damaged = CopyOf(photo.view());
  Image mask(kWidth, kHeight, 1, SampleType::kU8);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      mask.Row<std::uint8_t>(y)[x] = is_damaged(x, y) ? 255 : 0;
      if (!is_damaged(x, y)) continue;
      for (int c = 0; c < 3; ++c) damaged.Row<std::uint8_t>(y)[3 * x + c] = 255;
    }
  }
  Image filled = CopyOf(damaged.view());
  EXPECT_TRUE(FillMasked(damaged.view(), mask.view(), {.threads = 2}, filled.mutable_view()));
  return {std::move(damaged), std::move(filled)};
}

// The root of the mean square, over what was damaged, of the green difference to `draw`.
double ErrorIn(const Filled& filled, const Draw& draw, const IsDamaged& is_damaged = IsScratched) {
  double sum = 0;
  int count = 0;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      if (!is_damaged(x, y)) continue;
      sum += std::pow(filled.after.Row<std::uint8_t>(y)[3 * x + 1] - draw(x, y), 2);
      ++count;
    }
  }
  return std::sqrt(sum / count);
}

TEST(MaskedFill, ASlopeGoesOnWithoutAStep) {
  const Draw slope = [](int x, int y) { return 30 + 0.3 * x + 0.15 * y; };
  EXPECT_LT(ErrorIn(FilledAfter(Drawn(slope)), slope), 1);
}

TEST(MaskedFill, TilesAgreeAboutAHoleThatIsWiderThanWhatIsNearThem) {
  const Draw slope = [](int x, int) { return 20 + 0.4 * x; };
  const auto is_lost = [](int x, int) { return std::abs(x - 256) < 90; };
  const auto filled = FilledAfter(Drawn(slope), is_lost);
  EXPECT_LT(ErrorIn(filled, slope, is_lost), 15);
  const auto* row = filled.after.Row<std::uint8_t>(100);
  EXPECT_NEAR(row[3 * 255], row[3 * 256], 3);
}

TEST(MaskedFill, WhatIsNotMarkedStaysToTheLastBit) {
  const auto filled = FilledAfter(Drawn([](int x, int y) { return 128 + 90 * Noise(x, y); }));
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      if (IsScratched(x, y)) continue;
      ASSERT_EQ(filled.after.Row<std::uint8_t>(y)[3 * x],
                filled.before.Row<std::uint8_t>(y)[3 * x]);
    }
  }
}

TEST(MaskedFill, GrainGoesOnAsStrongAsAboutIt) {
  const auto mean = [](int, int) { return 120.0; };
  const auto filled = FilledAfter(Drawn([](int x, int y) { return 120 + 20 * Noise(x, y); }));
  const double about = 20 / std::sqrt(3.0);
  EXPECT_GT(ErrorIn(filled, mean), 0.7 * about);
  EXPECT_LT(ErrorIn(filled, mean), 1.3 * about);
}

TEST(MaskedFill, StripesGoOnAcrossTheScratch) {
  const auto stripes = [](int x, int y) { return 120 + 80 * std::sin(y * 0.9 + 0.01 * x); };
  EXPECT_LT(ErrorIn(FilledAfter(Drawn(stripes)), stripes), 8);
}

// All that could be copied is striped, and what is about the hole is not.
TEST(MaskedFill, WhatIsUnlikeWhatIsAboutItIsNotCopied) {
  const auto is_lost = [](int x, int y) { return std::hypot(x - 300, y - 140) < 22; };
  const auto even = [](int, int) { return 120.0; };
  const auto filled = FilledAfter(Drawn([](int x, int y) {
                                    const bool is_near = std::hypot(x - 300, y - 140) < 31;
                                    return is_near ? 120.0 : x % 4 < 2 ? 30.0 : 210.0;
                                  }),
                                  is_lost);
  EXPECT_LT(ErrorIn(filled, even, is_lost), 12);
}

TEST(MaskedFill, StopsOnRequest) {
  const Image photo = Drawn([](int, int) { return 90.0; });
  Image mask(kWidth, kHeight, 1, SampleType::kU8);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) mask.Row<std::uint8_t>(y)[x] = IsScratched(x, y) ? 255 : 0;
  }
  Image filled = CopyOf(photo.view());
  std::stop_source stop;
  stop.request_stop();
  const auto done = FillMasked(photo.view(), mask.view(), {.threads = 2, .stop = stop.get_token()},
                               filled.mutable_view());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kCancelled);
}

TEST(MaskedFill, WhatIsFilledAlreadyStaysAndWhatIsNewIsFilled) {
  const Image photo = Drawn([](int x, int) { return x % 460 == 20 ? 250.0 : 90.0; });
  Image first(kWidth, kHeight, 1, SampleType::kU8);
  Image second(kWidth, kHeight, 1, SampleType::kU8);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      first.Row<std::uint8_t>(y)[x] = x == 20 ? 255 : 0;
      second.Row<std::uint8_t>(y)[x] = x % 460 == 20 ? 255 : 0;
    }
  }
  Image filled = CopyOf(photo.view());
  for (int y = 0; y < kHeight; ++y) filled.Row<std::uint8_t>(y)[3 * 20 + 1] = 77;
  const ImageView was = first.view();
  ASSERT_TRUE(FillMasked(photo.view(), second.view(), {.threads = 1, .filled = &was},
                         filled.mutable_view()));
  EXPECT_EQ(filled.Row<std::uint8_t>(100)[3 * 20 + 1], 77);
  EXPECT_EQ(filled.Row<std::uint8_t>(100)[3 * 480 + 1], 90);
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
  ASSERT_TRUE(FillMasked(photo.view(), mask.view(), {}, filled.mutable_view()));
  for (int y = 0; y < 48; ++y) {
    EXPECT_NEAR(filled.Row<std::uint16_t>(y)[2 * 30], 300 * 30, 60);
    EXPECT_EQ(filled.Row<std::uint16_t>(y)[2 * 30 + 1], 1030);
  }
}

}  // namespace
}  // namespace gpen::restore
