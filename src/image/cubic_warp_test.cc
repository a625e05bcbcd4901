#include "image/cubic_warp.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gpen {
namespace {

constexpr int kWidth = 12;
constexpr int kHeight = 9;

// A slope in every channel: cubic curves follow it exactly.
float Slope(double x, double y, int channel) {
  return static_cast<float>(0.1 * x - 0.05 * y + channel);
}

Image Slopes(int channels) {
  Image image(kWidth, kHeight, channels, SampleType::kF32);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      for (int c = 0; c < channels; ++c) {
        image.Row<float>(y)[x * channels + c] = Slope(x, y, c);
      }
    }
  }
  return image;
}

TEST(WarpCubic, FollowsASlopeUnderATurnInEveryNumberOfChannels) {
  const Affine map = Translation({4.3, 3.1}) * RotationAndScale(30, 0.4);
  for (int channels = 1; channels <= 4; ++channels) {
    const Image source = Slopes(channels);
    Image target(5, 4, channels, SampleType::kF32);
    WarpCubic(source.view(), map, target.mutable_view());
    for (int y = 0; y < target.height(); ++y) {
      for (int x = 0; x < target.width(); ++x) {
        const Point from = map({1.0 * x, 1.0 * y});
        for (int c = 0; c < channels; ++c) {
          EXPECT_NEAR(target.Row<float>(y)[x * channels + c], Slope(from.x, from.y, c), 1e-5);
        }
      }
    }
  }
}

TEST(WarpCubic, OvershootsAtAnEdgeAsTheCurveDoes) {
  Image source(8, 1, 1, SampleType::kF32);
  for (int x = 0; x < 8; ++x) source.Row<float>(0)[x] = x < 4 ? 0.0F : 1.0F;
  Image target(1, 1, 1, SampleType::kF32);
  // Half way between pixels the weights are -0.09375, 0.59375, 0.59375, -0.09375.
  WarpCubic(source.view(), Translation({4.5, 0}), target.mutable_view());
  EXPECT_NEAR(target.Row<float>(0)[0], 1.09375F, 1e-6);
  WarpCubic(source.view(), Translation({3.5, 0}), target.mutable_view());
  EXPECT_NEAR(target.Row<float>(0)[0], 0.5F, 1e-6);
}

TEST(WarpCubic, RepeatsTheEdgeOutside) {
  const Image source = Slopes(3);
  Image target(1, 1, 3, SampleType::kF32);
  for (const Point far : {Point{-1e12, 4}, Point{-40, 4}, Point{1e12, 4}, Point{40, 4}}) {
    WarpCubic(source.view(), Translation(far), target.mutable_view());
    const int edge = far.x < 0 ? 0 : kWidth - 1;
    for (int c = 0; c < 3; ++c) {
      EXPECT_NEAR(target.Row<float>(0)[c], Slope(edge, 4, c), 1e-5);
    }
  }
  WarpCubic(source.view(), Translation({5, 1e12}), target.mutable_view());
  EXPECT_NEAR(target.Row<float>(0)[0], Slope(5, kHeight - 1, 0), 1e-5);
}

}  // namespace
}  // namespace gpen
