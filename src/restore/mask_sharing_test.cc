#include "restore/mask_sharing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace gpen::restore {
namespace {

constexpr int kSize = 64;

// A face whose crop begins at `left` of the photo and is `scale` times as large there.
FacePatch Patch(double left, double scale, float mask) {
  FacePatch patch;
  patch.photo_from_crop = Translation({left, 0}) * ResizeMap(scale, scale);
  patch.mask = Image(kSize, kSize, 1, SampleType::kF32);
  std::fill_n(patch.mask.Row<float>(0), kSize * kSize, mask);
  patch.landmarks.fill({kSize / 2.0, kSize / 2.0});
  return patch;
}

std::vector<FacePatch> Shared(FacePatch first, FacePatch second) {
  std::vector<FacePatch> patches;
  patches.push_back(std::move(first));
  patches.push_back(std::move(second));
  ShareMasks(&patches);
  return patches;
}

float At(const FacePatch& patch, int x) { return patch.mask.Row<float>(kSize / 2)[x]; }

TEST(ShareMasks, APixelBelongsToTheNearerFace) {
  const auto patches = Shared(Patch(0, 1, 1), Patch(40, 1, 1));
  EXPECT_EQ(At(patches[0], 32), 1);  // Its own middle.
  EXPECT_NEAR(At(patches[0], 52), 0.5F, 0.01F);
  EXPECT_NEAR(At(patches[1], 12), 0.5F, 0.01F);
  EXPECT_LT(At(patches[0], 61), 0.01F);
  EXPECT_LT(At(patches[1], 3), 0.01F);
  EXPECT_EQ(At(patches[1], 60), 1);
}

TEST(ShareMasks, TogetherTheyAreAtMostOne) {
  for (const float mask : {0.3F, 0.8F, 1.0F}) {
    const auto patches = Shared(Patch(0, 1, mask), Patch(24, 1, 1));
    for (int x = 24; x < kSize; ++x) {
      EXPECT_LE(At(patches[0], x) + At(patches[1], x - 24), 1.0001F);
      EXPECT_GE(At(patches[0], x) + At(patches[1], x - 24), std::max(mask, 0.7F) - 0.0001F) << x;
    }
  }
}

TEST(ShareMasks, TheirOrderDoesNotMatter) {
  const auto one = Shared(Patch(0, 1, 0.9F), Patch(30, 0.5, 1));
  const auto other = Shared(Patch(30, 0.5, 1), Patch(0, 1, 0.9F));
  for (int y = 0; y < kSize; ++y) {
    const auto same = [&](const FacePatch& a, const FacePatch& b) {
      return std::equal(a.mask.Row<float>(y), a.mask.Row<float>(y) + kSize, b.mask.Row<float>(y));
    };
    EXPECT_TRUE(same(one[0], other[1]));
    EXPECT_TRUE(same(one[1], other[0]));
  }
}

TEST(ShareMasks, WhatTheOtherDoesNotCoverStays) {
  const auto apart = Shared(Patch(0, 1, 1), Patch(200, 1, 1));
  const auto uncovered = Shared(Patch(0, 1, 1), Patch(40, 1, 0));
  for (int x = 0; x < kSize; ++x) {
    EXPECT_EQ(At(apart[0], x), 1);
    EXPECT_EQ(At(uncovered[0], x), 1);
  }
}

}  // namespace
}  // namespace gpen::restore
