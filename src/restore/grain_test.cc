#include "restore/grain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <random>

#include "image/resample.h"

namespace gpen::restore {
namespace {

constexpr int kSide = 192;

// The left half is the face.
Image HalfMask() {
  Image mask(kSide, kSide, 1, SampleType::kF32);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) mask.Row<float>(y)[x] = x < kSide / 2 ? 1.0F : 0.0F;
  }
  return mask;
}

// Slopes with noise of deviation `level` in the left half and in the right, of 255ths. `clump`:
// sigma of the blur after which the noise is brought back to that deviation.
Image Noisy(double left, double right, double clump = 0, bool gray_noise = false,
            SampleType type = SampleType::kU8) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  Image noise(kSide, kSide, 3, SampleType::kF32);
  for (int i = 0; i < kSide * kSide; ++i) {
    const float gray = normal(random);
    for (int c = 0; c < 3; ++c) noise.Row<float>(0)[3 * i + c] = gray_noise ? gray : normal(random);
  }
  if (clump > 0) {
    noise = GaussianBlur(noise.view(), clump);
    double sum = 0;
    for (int i = 0; i < kSide * kSide * 3; ++i) {
      sum += double{noise.Row<float>(0)[i]} * noise.Row<float>(0)[i];
    }
    const auto factor = static_cast<float>(1 / std::sqrt(sum / (kSide * kSide * 3)));
    for (int i = 0; i < kSide * kSide * 3; ++i) noise.Row<float>(0)[i] *= factor;
  }
  Image photo(kSide, kSide, 3, type);
  for (int y = 0; y < kSide; ++y) {
    for (int i = 0; i < 3 * kSide; ++i) {
      const double level = i / 3 < kSide / 2 ? left : right;
      const double value = 90 + 0.2 * y + 0.1 * i + level * double{noise.Row<float>(y)[i]};
      if (type == SampleType::kU8) {
        photo.Row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(std::lround(value));
      } else {
        photo.Row<std::uint16_t>(y)[i] = static_cast<std::uint16_t>(std::lround(value * 257));
      }
    }
  }
  return photo;
}

Grain Measured(const Image& photo, GrainPlace place) {
  const Image mask = HalfMask();
  const auto grain = MeasureGrain(photo.view(), mask.view(), place);
  EXPECT_TRUE(grain);
  return grain.value_or(Grain{});
}

// What the face needs that has `left` where the photo had `right` everywhere.
Grain Wanted(const Image& before) {
  return WantedGrain(Measured(before, GrainPlace::kAroundFace),
                     Measured(before, GrainPlace::kInFace));
}

void Match(const Grain& wanted, Image* photo) {
  const Image mask = HalfMask();
  AddGrain(wanted, Measured(*photo, GrainPlace::kInFace), mask.view(), 30, 40,
           photo->mutable_view());
}

TEST(Grain, NoiseIsMeasuredWhereItIs) {
  for (const auto type : {SampleType::kU8, SampleType::kU16}) {
    const Image photo = Noisy(4, 8, 0, true, type);
    EXPECT_NEAR(Measured(photo, GrainPlace::kInFace).luma.pixel * 255, 4, 0.5);
    EXPECT_NEAR(Measured(photo, GrainPlace::kAroundFace).luma.pixel * 255, 8, 1.0);
    EXPECT_NEAR(Measured(photo, GrainPlace::kAroundFace).luma.quad * 255, 4, 0.6);
    EXPECT_LT(Measured(photo, GrainPlace::kAroundFace).chroma.pixel * 255, 0.5);
  }
  EXPECT_GT(Measured(Noisy(4, 8), GrainPlace::kAroundFace).chroma.pixel * 255, 4);
}

TEST(Grain, ACleanPhotoWantsNone) {
  const Grain none = Wanted(Noisy(0, 0));
  EXPECT_EQ(none.luma.pixel, 0);
  EXPECT_EQ(none.chroma.pixel, 0);
  EXPECT_EQ(Wanted(Noisy(0, 8)).luma.pixel, 0) << "a clean face before noisy ground";
  EXPECT_EQ(Wanted(Noisy(8, 0)).luma.pixel, 0);
}

// Structure that is sharp, as lines are, is no noise as long as smooth places lie between.
TEST(Grain, LinesAreNoGrain) {
  Image photo = Noisy(0, 0);
  for (int y = 0; y < kSide; y += 24) {
    std::fill_n(photo.Row<std::uint8_t>(y), 3 * kSide, std::uint8_t{20});
    for (int x = 0; x < kSide; ++x) photo.Row<std::uint8_t>(x)[3 * y] = 250;
  }
  EXPECT_EQ(Wanted(photo).luma.pixel, 0);
}

// Squares, sharp or blurred, under noise.
float FinenessOf(bool is_soft, double deviation) {
  constexpr int kPixels = 160;
  Image photo(kPixels, kPixels, 1, SampleType::kU8);
  std::mt19937 random(4);
  std::normal_distribution<double> noise(0, deviation);
  for (int y = 0; y < kPixels; ++y) {
    for (int x = 0; x < kPixels; ++x) {
      const double down = std::sin(y * std::numbers::pi / 5);
      const double across = std::sin(x * std::numbers::pi / 5);
      const double square = is_soft ? down * across : std::copysign(1.0, down * across);
      const double light = y < kPixels / 2 ? 40 * square : 0;
      photo.Row<std::uint8_t>(y)[x] =
          static_cast<std::uint8_t>(std::lround(128 + light + noise(random)));
    }
  }
  const auto grain = MeasureGrain(photo.view());
  EXPECT_TRUE(grain);
  return grain.value_or(Grain{}).fineness;
}

TEST(Grain, NoiseDoesNotHideWhetherAPhotoIsSoft) {
  for (const double deviation : {0.0, 2.0, 6.0}) {
    EXPECT_GT(FinenessOf(false, deviation), 0.2) << deviation;
    EXPECT_LT(FinenessOf(true, deviation), 0.1) << deviation;
  }
}

// What is wanted is three quarters of the photo's, and that is what the face has then.
TEST(Grain, ACleanFaceGetsThePhotosNoise) {
  for (const double clump : {0.0, 0.8}) {
    for (const double level : {7.0, 9.0}) {
      const Image before = Noisy(level, level, clump);
      const Grain photo = Measured(before, GrainPlace::kAroundFace);
      Image blended = Noisy(0, level, clump);
      Match(Wanted(before), &blended);
      const Grain found = Measured(blended, GrainPlace::kInFace);
      const std::pair<GrainLevel, GrainLevel> pairs[] = {{found.luma, photo.luma},
                                                         {found.chroma, photo.chroma}};
      for (const auto& [face, whole] : pairs) {
        EXPECT_NEAR(face.pixel / whole.pixel, 0.75, 0.15) << level << " " << clump;
        EXPECT_NEAR(face.quad / whole.quad, 0.75, 0.2) << level << " " << clump;
      }
    }
  }
}

TEST(Grain, ThereIsALimit) {
  const Grain wanted = Wanted(Noisy(40, 40, 0, true));
  EXPECT_LE(wanted.luma.pixel * 255, 10.01);
  EXPECT_GT(wanted.luma.pixel * 255, 9);
}

TEST(Grain, AFaceThatKeptItsNoiseGetsNoMore) {
  const Image before = Noisy(6, 6);
  Image kept = before.Clone();
  Match(Wanted(before), &kept);
  EXPECT_EQ(std::memcmp(kept.view().data(), before.view().data(), before.size_bytes()), 0);
}

TEST(Grain, IsTheSameEachTimeAndOfTheFaceAlone) {
  const Grain wanted = Wanted(Noisy(8, 8));
  Image first = Noisy(0, 8);
  const Image ground = first.Clone();
  Image second = first.Clone();
  Match(wanted, &first);
  Match(wanted, &second);
  EXPECT_EQ(std::memcmp(first.view().data(), second.view().data(), first.size_bytes()), 0);
  for (int y = 0; y < kSide; ++y) {
    const auto* row = first.Row<std::uint8_t>(y);
    EXPECT_TRUE(std::equal(row + 3 * kSide / 2, row + 3 * kSide,
                           ground.Row<std::uint8_t>(y) + 3 * kSide / 2));
  }
}

// Chosen by the place in the photo, whichever part of it is handed over.
TEST(Grain, DoesNotDependOnThePartThatIsWorkedOn) {
  const Grain wanted = Wanted(Noisy(8, 8));
  const Grain found = Measured(Noisy(0, 8), GrainPlace::kInFace);
  Image whole = Noisy(0, 0);
  Image part = whole.Clone();
  Image mask(kSide, kSide, 1, SampleType::kF32);
  std::fill_n(mask.Row<float>(0), kSide * kSide, 1.0F);
  AddGrain(wanted, found, mask.view(), 0, 0, whole.mutable_view());
  const Rect area = {40, 50, 30, 20};
  AddGrain(wanted, found, mask.view().Crop(area), area.left, area.top,
           part.mutable_view().Crop(area));
  for (int y = area.top; y < area.bottom(); ++y) {
    const auto* expected = whole.Row<std::uint8_t>(y) + 3 * area.left;
    EXPECT_TRUE(
        std::equal(expected, expected + 3 * area.width, part.Row<std::uint8_t>(y) + 3 * area.left));
  }
}

TEST(Grain, GrayStaysGrayAndAlphaIsLeftAlone) {
  Image photo(kSide, kSide, 2, SampleType::kU8);
  std::fill_n(photo.Row<std::uint8_t>(0), 2 * kSide * kSide, std::uint8_t{100});
  const Image mask = HalfMask();
  AddGrain({{8 / 255.0F, 4 / 255.0F}, {}}, {}, mask.view(), 0, 0, photo.mutable_view());
  bool has_noise = false;
  for (int i = 0; i < kSide * kSide; ++i) {
    has_noise |= photo.Row<std::uint8_t>(0)[2 * i] != 100;
    EXPECT_EQ(photo.Row<std::uint8_t>(0)[2 * i + 1], 100);
  }
  EXPECT_TRUE(has_noise);
}

TEST(Grain, TooFewPixelsSayNothing) {
  const Image photo = Noisy(5, 5);
  const Image mask = HalfMask();
  const Rect corner = {0, 0, 20, 20};
  EXPECT_FALSE(
      MeasureGrain(photo.view().Crop(corner), mask.view().Crop(corner), GrainPlace::kInFace));
  EXPECT_FALSE(MeasureGrain(photo.view().Crop({0, 0, 90, 90}), mask.view().Crop({0, 0, 90, 90}),
                            GrainPlace::kAroundFace));
}

}  // namespace
}  // namespace gpen::restore
