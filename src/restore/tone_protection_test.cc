#include "restore/tone_protection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "image/resample.h"

namespace gpen::restore {
namespace {

constexpr int kSize = 128;

Image FullMask() {
  Image mask(kSize, kSize, 1, SampleType::kF32);
  std::fill_n(mask.Row<float>(0), kSize * kSize, 1.0F);
  return mask;
}

// A picture with structure; `color` gives the three channels of each brightness.
template <typename Color>
Image Draw(Color color) {
  Image image(kSize, kSize, 3, SampleType::kF32);
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      const float luma = 0.5F + 0.3F * std::sin(0.1F * static_cast<float>(x)) *
                                    std::cos(0.07F * static_cast<float>(y));
      color(luma, image.Row<float>(y) + 3 * x);
    }
  }
  return image;
}

// What a network might do: another tint, another brightness, and new detail.
Image Distort(const Image& image) {
  Image changed = image.Clone();
  for (int y = 0; y < kSize; ++y) {
    float* pixel = changed.Row<float>(y);
    for (int x = 0; x < kSize; ++x, pixel += 3) {
      const float detail = (x / 2 + y / 2) % 2 == 0 ? 0.05F : -0.05F;
      pixel[0] = pixel[0] * 0.9F + 0.12F + detail;
      pixel[1] = pixel[1] + detail;
      pixel[2] = pixel[2] * 1.1F - 0.08F + detail;
    }
  }
  return changed;
}

double MeanColorError(const Image& a, const Image& b) {
  const Image low_a = GaussianBlur(a.view(), 10);
  const Image low_b = GaussianBlur(b.view(), 10);
  double sum = 0;
  for (int i = 0; i < kSize * kSize * 3; ++i) {
    sum += std::fabs(low_a.Row<float>(0)[i] - low_b.Row<float>(0)[i]);
  }
  return sum / (kSize * kSize * 3);
}

TEST(ProtectTone, KeepsThePhotosColourAndTheNewDetail) {
  const Image photo = Draw([](float luma, float* rgb) {
    rgb[0] = luma + 0.15F;
    rgb[1] = luma;
    rgb[2] = luma - 0.1F + 0.1F * std::sin(40 * luma);
  });
  const Image network = Distort(photo);
  Image restored = network.Clone();
  const Image mask = FullMask();
  ProtectTone(photo.view(), mask.view(), photo.view().bounds(), restored.mutable_view());
  EXPECT_GT(MeanColorError(photo, network), 0.03);
  EXPECT_LT(MeanColorError(photo, restored), 0.006);
  // The checkerboard that the network added is still there.
  const float* row = restored.Row<float>(64);
  const float* original = photo.Row<float>(64);
  double detail = 0;
  for (int x = 8; x < kSize - 8; ++x) {
    detail += std::fabs((row[3 * x + 1] - original[3 * x + 1]) -
                        (row[3 * (x + 2) + 1] - original[3 * (x + 2) + 1]));
  }
  EXPECT_GT(detail / (kSize - 16), 0.08);
}

// Hair and background outside the mask must not colour the skin.
TEST(ProtectTone, WhatLiesOutsideTheMaskDoesNotBleedIn) {
  const auto skin = [](float luma, float* rgb) {
    rgb[0] = luma + 0.15F;
    rgb[1] = luma;
    rgb[2] = luma - 0.1F + 0.1F * std::sin(40 * luma);
  };
  Image photo = Draw(skin);
  Image mask = FullMask();
  for (int y = 0; y < kSize; ++y) {
    for (int x = kSize / 2; x < kSize; ++x) {
      mask.Row<float>(y)[x] = 0;
      float* pixel = photo.Row<float>(y) + 3 * x;  // A green wall.
      pixel[0] = 0.1F;
      pixel[1] = 0.9F;
      pixel[2] = 0.1F;
    }
  }
  const Image alone = Draw(skin);
  Image beside_wall = Distort(alone);
  Image without_wall = Distort(alone);
  ProtectTone(photo.view(), mask.view(), photo.view().bounds(), beside_wall.mutable_view());
  ProtectTone(alone.view(), mask.view(), alone.view().bounds(), without_wall.mutable_view());
  for (int y = 8; y < kSize - 8; ++y) {
    for (int i = 3 * 8; i < 3 * (kSize / 2 - 8); ++i) {
      EXPECT_NEAR(beside_wall.Row<float>(y)[i], without_wall.Row<float>(y)[i], 0.01F);
    }
  }
}

TEST(ProtectTone, GrayStaysExactlyGray) {
  const Image photo = Draw([](float luma, float* rgb) { std::fill_n(rgb, 3, luma); });
  Image restored = Distort(photo);
  ProtectTone(photo.view(), FullMask().view(), photo.view().bounds(), restored.mutable_view());
  for (int i = 0; i < kSize * kSize; ++i) {
    const float* rgb = restored.Row<float>(0) + 3 * i;
    EXPECT_NEAR(rgb[0], rgb[1], 1e-6);
    EXPECT_NEAR(rgb[2], rgb[1], 1e-6);
  }
}

TEST(ProtectTone, SepiaStaysSepia) {
  const auto sepia = [](float luma, float* rgb) {
    rgb[0] = luma + 0.20F * luma * (1 - luma) + 0.02F;
    rgb[1] = luma;
    rgb[2] = luma - 0.25F * luma * (1 - luma) - 0.01F;
  };
  const Image photo = Draw(sepia);
  Image restored = Distort(photo);
  ProtectTone(photo.view(), FullMask().view(), photo.view().bounds(), restored.mutable_view());
  for (int i = 0; i < kSize * kSize; ++i) {
    const float* rgb = restored.Row<float>(0) + 3 * i;
    float expected[3];
    sepia(rgb[1], expected);
    EXPECT_NEAR(rgb[0], expected[0], 0.01);
    EXPECT_NEAR(rgb[2], expected[2], 0.01);
  }
}

}  // namespace
}  // namespace gpen::restore
