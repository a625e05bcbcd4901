#include "restore/texture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace gpen::restore {
namespace {

constexpr int kSize = 64;

// `level` in all channels, with a checkerboard of single pixels of this height.
Image Checkered(float level, float height) {
  Image image(kSize, kSize, 3, SampleType::kF32);
  for (int y = 0; y < kSize; ++y) {
    for (int i = 0; i < 3 * kSize; ++i) {
      image.Row<float>(y)[i] = level + ((i / 3 + y) % 2 == 0 ? height : -height);
    }
  }
  return image;
}

// Half of the difference of two neighbours in the middle.
float DetailIn(const Image& image) {
  const float* row = image.Row<float>(kSize / 2);
  return (row[3 * 32 + 1] - row[3 * 33 + 1]) / 2;
}

float LevelOf(const Image& image) {
  const float* row = image.Row<float>(kSize / 2);
  return (row[3 * 32 + 1] + row[3 * 33 + 1]) / 2;
}

Image Kept(const Image& original, double amount, const Image& restored) {
  Image result = restored.Clone();
  KeepTexture(original.view(), amount, result.mutable_view());
  return result;
}

TEST(KeepTexture, ASharpPhotoKeepsItsDetailAndTheNetworkItsTone) {
  const Image result = Kept(Checkered(0.3F, 0.05F), 1, Checkered(0.6F, 0));
  EXPECT_NEAR(DetailIn(result), 0.05F, 0.003F);
  EXPECT_NEAR(LevelOf(result), 0.6F, 0.002F);
}

TEST(KeepTexture, TheAmountIsAPart) {
  EXPECT_NEAR(DetailIn(Kept(Checkered(0.5F, 0.05F), 0.5, Checkered(0.5F, 0))), 0.025F, 0.002F);
  EXPECT_EQ(DetailIn(Kept(Checkered(0.5F, 0.05F), 0, Checkered(0.5F, 0))), 0);
}

TEST(KeepTexture, ABlurredPhotoTakesNothingBack) {
  const Image network = Checkered(0.5F, 0.05F);
  EXPECT_EQ(DetailIn(Kept(Checkered(0.5F, 0), 1, network)), DetailIn(network));
  // Also with half of the energy: a little noise is no texture.
  EXPECT_EQ(DetailIn(Kept(Checkered(0.5F, 0.03F), 1, network)), DetailIn(network));
}

TEST(KeepTexture, NothingHasNothingToKeep) {
  const Image flat = Checkered(0.5F, 0);
  const Image result = Kept(flat, 1, flat);
  for (int i = 0; i < 3 * kSize * kSize; ++i) {
    EXPECT_NEAR(result.Row<float>(0)[i], 0.5F, 1e-6F);
  }
}

// Sharp on the left and blurred on the right: each side is treated for itself.
TEST(KeepTexture, DecidesPlaceByPlace) {
  Image photo = Checkered(0.5F, 0.05F);
  for (int y = 0; y < kSize; ++y) {
    std::fill_n(photo.Row<float>(y) + 3 * (kSize / 2), 3 * (kSize / 2), 0.5F);
  }
  const Image result = Kept(photo, 1, Checkered(0.5F, 0.01F));
  const auto detail_at = [&](int x) {
    const float* row = result.Row<float>(kSize / 2);
    return std::fabs(row[3 * x + 1] - row[3 * (x + 1) + 1]) / 2;
  };
  EXPECT_NEAR(detail_at(8), 0.05F, 0.003F);
  EXPECT_NEAR(detail_at(60), 0.01F, 0.001F);
}

}  // namespace
}  // namespace gpen::restore
