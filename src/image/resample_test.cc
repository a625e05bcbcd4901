#include "image/resample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace gpen {
namespace {

Image Noise(int width, int height, int channels) {
  std::mt19937 random(1);
  Image image(width, height, channels, SampleType::kU8);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width * channels; ++x) {
      image.Row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(random() & 0xFFU);
    }
  }
  return image;
}

// A picture whose value at (x, y) is known between the pixels too.
double Ramp(double x, double y) { return 0.1 + 0.003 * x + 0.002 * y; }

Image RampImage(int width, int height) {
  Image image(width, height, 1, SampleType::kF32);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.Row<float>(y)[x] = static_cast<float>(Ramp(x, y));
  }
  return image;
}

TEST(Resize, ShrinkingAverages) {
  const Image image = Noise(64, 48, 3);
  const Image half = Resize(image.view(), 32, 24);
  for (int y = 0; y < 24; ++y) {
    for (int x = 0; x < 96; ++x) {
      const int channel = x % 3;
      const int left = x / 3 * 6 + channel;
      const auto* top = image.Row<std::uint8_t>(2 * y);
      const auto* bottom = image.Row<std::uint8_t>(2 * y + 1);
      const double mean = (top[left] + top[left + 3] + bottom[left] + bottom[left + 3]) / 4.0;
      EXPECT_NEAR(half.Row<std::uint8_t>(y)[x], mean, 0.5001);
    }
  }
}

TEST(ExtractCrop, FollowsTheMapAtEveryScale) {
  const Image image = RampImage(200, 200);
  for (const double scale : {0.3, 1.0, 1.7, 4.0}) {
    for (const double degrees : {0.0, 33.0, 180.0}) {
      const Affine map =
          Translation({100, 100}) * RotationAndScale(degrees, scale) * Translation({-11.5, -11.5});
      const Image crop = ExtractCrop(image.view(), map, 24, 24);
      for (int y = 0; y < 24; ++y) {
        for (int x = 0; x < 24; ++x) {
          const Point p = map({1.0 * x, 1.0 * y});
          EXPECT_NEAR(crop.Row<float>(y)[x], Ramp(p.x, p.y), 2e-3) << scale << " " << degrees;
        }
      }
    }
  }
}

TEST(ExtractCrop, DoesNotAlias) {
  // A checkerboard of single pixels is gray from afar.
  Image board(256, 256, 1, SampleType::kU8);
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 256; ++x) {
      board.Row<std::uint8_t>(y)[x] = (x + y) % 2 == 0 ? 255 : 0;
    }
  }
  const Affine map =
      Translation({128, 128}) * RotationAndScale(17, 5.3) * Translation({-15.5, -15.5});
  const Image crop = ExtractCrop(board.view(), map, 32, 32);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) EXPECT_NEAR(crop.Row<float>(y)[x], 0.5, 0.06);
  }
}

TEST(ExtractCrop, RepeatsTheEdgeOutside) {
  Image image(10, 10, 1, SampleType::kU8);
  std::fill_n(image.Row<std::uint8_t>(0), 100, std::uint8_t{51});
  const Image crop = ExtractCrop(image.view(), Translation({-500, 700}), 8, 8);
  for (int i = 0; i < 64; ++i) EXPECT_NEAR(crop.Row<float>(0)[i], 0.2, 1e-6);
}

TEST(Rotate, AgreesWithItsMap) {
  const Image image = Noise(7, 5, 3);
  for (int turns = 0; turns < 4; ++turns) {
    const Image turned = Rotate(image.view(), turns);
    const Affine map = RotateMap(7, 5, turns);
    for (int y = 0; y < turned.height(); ++y) {
      for (int x = 0; x < turned.width(); ++x) {
        const Point p = map({1.0 * x, 1.0 * y});
        EXPECT_EQ(turned.Row<std::uint8_t>(y)[3 * x],
                  image.Row<std::uint8_t>(static_cast<int>(p.y))[3 * static_cast<int>(p.x)]);
      }
    }
  }
}

TEST(Warp, IsZeroOutside) {
  const Image image = RampImage(16, 16);
  const Image warped = Warp(image.view(), Translation({-20, 0}), 8, 8, Interpolation::kLinear);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(warped.Row<float>(0)[i], 0);
}

// By its definition, along one axis; `step` floats from sample to sample.
void BlurLine(float* first, int count, int step, double sigma) {
  const int reach = static_cast<int>(std::ceil(4 * sigma));
  std::vector<double> line;
  for (int i = 0; i < count; ++i) line.push_back(first[i * step]);
  for (int i = 0; i < count; ++i) {
    double sum = 0;
    double weights = 0;
    for (int k = -reach; k <= reach; ++k) {
      int at = i + k;
      while (at < 0 || at >= count) at = at < 0 ? -at - 1 : 2 * count - 1 - at;
      const double weight = std::exp(-k * k / (2 * sigma * sigma));
      sum += weight * line[static_cast<std::size_t>(at)];
      weights += weight;
    }
    first[i * step] = static_cast<float>(sum / weights);
  }
}

// Wide ones are computed from fewer pixels: nobody may see it.
TEST(GaussianBlur, IsTheSameAtEveryWidth) {
  constexpr int kWidth = 203;
  constexpr int kHeight = 150;
  Image picture = ToFloat(Noise(kWidth, kHeight, 2).view());
  for (int y = 40; y < 90; ++y) std::fill_n(picture.Row<float>(y) + 60, 120, 1.0F);  // Edges.
  for (const double sigma : {1.5, 6.0, 7.9, 8.0, 12.8, 16.0, 32.0, 60.0}) {
    const Image blurred = GaussianBlur(picture.view(), sigma);
    Image expected = picture.Clone();
    for (int c = 0; c < 2; ++c) {
      for (int y = 0; y < kHeight; ++y) BlurLine(expected.Row<float>(y) + c, kWidth, 2, sigma);
      for (int x = 0; x < kWidth; ++x) {
        BlurLine(expected.Row<float>(0) + 2 * x + c, kHeight, 2 * kWidth, sigma);
      }
    }
    double worst = 0;
    for (int i = 0; i < 2 * kWidth * kHeight; ++i) {
      worst = std::max(worst, 1.0 * std::abs(blurred.Row<float>(0)[i] - expected.Row<float>(0)[i]));
    }
    EXPECT_LT(worst, 1.25 / 255) << sigma;
  }
}

TEST(ConvexHullMask, IsOneInsideAndZeroOutside) {
  const Point points[] = {{8, 8}, {56, 8}, {56, 56}, {8, 56}, {30, 30}};
  const Image mask = ConvexHullMask(points, 64, 64);
  EXPECT_EQ(mask.Row<float>(32)[32], 1);
  EXPECT_EQ(mask.Row<float>(10)[50], 1);
  EXPECT_EQ(mask.Row<float>(4)[32], 0);
  EXPECT_EQ(mask.Row<float>(32)[60], 0);
}

TEST(ToBytes, ClipsAndRounds) {
  Image image(4, 1, 1, SampleType::kF32);
  const float values[] = {-1, 0.5F, 2, 100.4F / 255};
  std::copy_n(values, 4, image.Row<float>(0));
  const Image bytes = ToBytes(image.view());
  EXPECT_EQ(bytes.Row<std::uint8_t>(0)[0], 0);
  EXPECT_EQ(bytes.Row<std::uint8_t>(0)[1], 128);
  EXPECT_EQ(bytes.Row<std::uint8_t>(0)[2], 255);
  EXPECT_EQ(bytes.Row<std::uint8_t>(0)[3], 100);
}

}  // namespace
}  // namespace gpen
