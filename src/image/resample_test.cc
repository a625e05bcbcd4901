#include "image/resample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "image/image_threads.h"
#include "image/warp.h"

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

// From 7 to 3: each result has 2 1/3 of the source, by either sample type.
template <typename Sample>
void ExpectPartsAreWeighed(double rounding) {
  constexpr std::array<Sample, 7> kValues = {10, 20, 40, 250, 3, 7, 200};
  for (const bool across : {true, false}) {
    Image image(across ? 7 : 1, across ? 1 : 7, 1, kSampleTypeOf<Sample>);
    std::copy(kValues.begin(), kValues.end(), image.Row<Sample>(0));
    const Image third = across ? Resize(image.view(), 3, 1) : Resize(image.view(), 1, 3);
    const auto* values = third.Row<Sample>(0);
    EXPECT_NEAR(values[0], (10 + 20 + 40 / 3.0) * 3 / 7, rounding);
    EXPECT_NEAR(values[1], (40 * 2 / 3.0 + 250 + 3 * 2 / 3.0) * 3 / 7, rounding);
    EXPECT_NEAR(values[2], (3 / 3.0 + 7 + 200) * 3 / 7, rounding);
  }
}

TEST(Resize, PartsOfPixelsAreWeighed) {
  ExpectPartsAreWeighed<std::uint8_t>(0.5001);
  ExpectPartsAreWeighed<std::uint16_t>(0.5001);
  ExpectPartsAreWeighed<float>(1e-3);
}

TEST(Resize, GrowsAlongTheSlopeAndKeepsTheEdge) {
  const Image grown = Resize(RampImage(20, 16).view(), 50, 24);
  for (int y = 3; y < 21; ++y) {
    for (int x = 6; x < 44; ++x) {
      const double expected = Ramp((x + 0.5) / 2.5 - 0.5, (y + 0.5) / 1.5 - 0.5);
      EXPECT_NEAR(grown.Row<float>(y)[x], expected, 1e-3) << x << ", " << y;
    }
  }
  Image white(3, 3, 5, SampleType::kU8);  // Cubic curves overshoot: integers are clipped.
  std::fill_n(white.Row<std::uint8_t>(0), 45, std::uint8_t{255});
  white.Row<std::uint8_t>(1)[7] = 0;
  const Image large = Resize(white.view(), 30, 30);
  for (int y = 0; y < 30; ++y) {
    for (int i = 0; i < 150; ++i) {
      if (i % 5 != 2) {
        EXPECT_EQ(large.Row<std::uint8_t>(y)[i], 255);
      }
    }
  }
  EXPECT_LT(large.Row<std::uint8_t>(15)[15 * 5 + 2], 20);
}

TEST(Resize, EachAxisByItself) {
  const Image image = RampImage(40, 10);
  const Image turned = Resize(image.view(), 10, 20);
  for (int y = 4; y < 16; ++y) {
    for (int x = 0; x < 10; ++x) {
      EXPECT_NEAR(turned.Row<float>(y)[x], Ramp(4 * x + 1.5, (y + 0.5) / 2 - 0.5), 1e-3);
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
  const Image warped =
      Warp(image.view(), Translation({-20, 0}), 8, 8, Interpolation::kLinear, Outside::kZero);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(warped.Row<float>(0)[i], 0);
}

TEST(Resize, ThreadsChangeNothing) {
  const Image image = Noise(701, 523, 3);
  for (const auto& [width, height] : {std::pair(299, 211), std::pair(1301, 1103)}) {
    SetImageThreads(1);
    const Image alone = Resize(image.view(), width, height);
    SetImageThreads(3);
    const Image shared = Resize(image.view(), width, height);
    SetImageThreads(1);
    EXPECT_TRUE(std::equal(alone.view().data(), alone.view().data() + alone.size_bytes(),
                           shared.view().data()));
  }
}

// What every number of channels gives, at places around and beyond the edge.
TEST(Warp, ReadsOnALineAndZeroBeyond) {
  for (const int channels : {1, 2, 3, 4, 5}) {
    Image image(4, 3, channels, SampleType::kF32);
    std::mt19937 random(2);
    for (int i = 0; i < 12 * channels; ++i) {
      image.Row<float>(0)[i] = static_cast<float>(random() % 1000) / 1000;
    }
    const auto at = [&](int x, int y, int c) {
      const bool inside = x >= 0 && x < 4 && y >= 0 && y < 3;
      return inside ? image.Row<float>(y)[x * channels + c] : 0.0F;
    };
    const Image warped = Warp(image.view(), Translation({-2.25, -1.5}), 9, 7,
                              Interpolation::kLinear, Outside::kZero);
    for (int y = 0; y < 7; ++y) {
      for (int x = 0; x < 9; ++x) {
        for (int c = 0; c < channels; ++c) {
          const float above = 0.25F * at(x - 3, y - 2, c) + 0.75F * at(x - 2, y - 2, c);
          const float below = 0.25F * at(x - 3, y - 1, c) + 0.75F * at(x - 2, y - 1, c);
          EXPECT_NEAR(warped.Row<float>(y)[x * channels + c], (above + below) / 2, 1e-6);
        }
      }
    }
  }
}

TEST(Warp, ACubicCurveGoesThroughTheSamples) {
  const Image image = RampImage(12, 12);
  const Image warped = Warp(image.view(), Translation({-3, 2}), 12, 12, Interpolation::kCubic,
                            Outside::kNearestEdge);
  for (int y = 0; y < 12; ++y) {
    for (int x = 0; x < 12; ++x) {
      const float expected = image.Row<float>(std::min(y + 2, 11))[std::max(x - 3, 0)];
      EXPECT_NEAR(warped.Row<float>(y)[x], expected, 1e-6);
    }
  }
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

TEST(ConvexHullMask, IsHalfOnAnEdge) {
  // A triangle with an edge along x = 10, given in any order and with points inside of it.
  const Point points[] = {{30, 30}, {12, 25}, {10, 20}, {10, 40}, {15, 30}, {10, 30}};
  const Image mask = ConvexHullMask(points, 40, 50);
  for (int y = 24; y < 37; ++y) EXPECT_NEAR(mask.Row<float>(y)[10], 0.5, 1e-6);
  EXPECT_EQ(mask.Row<float>(30)[9], 0);
  EXPECT_EQ(mask.Row<float>(30)[11], 1);
  double area = 0;
  for (int i = 0; i < 40 * 50; ++i) area += mask.Row<float>(0)[i];
  EXPECT_NEAR(area, 20 * 20 / 2, 4);
}

TEST(ConvexHullMask, OfALineIsEmpty) {
  const Point points[] = {{5, 5}, {10, 10}, {20, 20}};
  const Image mask = ConvexHullMask(points, 32, 32);
  for (int i = 0; i < 32 * 32; ++i) EXPECT_EQ(mask.Row<float>(0)[i], 0);
}

TEST(ToBytes, ClipsAndRounds) {
  Image image(5, 1, 1, SampleType::kF32);
  const float values[] = {-1, 0.5F, 2, 100.4F / 255, NAN};
  std::copy_n(values, 5, image.Row<float>(0));
  const Image bytes = ToBytes(image.view());
  EXPECT_EQ(bytes.Row<std::uint8_t>(0)[0], 0);
  EXPECT_EQ(bytes.Row<std::uint8_t>(0)[1], 128);
  EXPECT_EQ(bytes.Row<std::uint8_t>(0)[2], 255);
  EXPECT_EQ(bytes.Row<std::uint8_t>(0)[3], 100);
  EXPECT_EQ(bytes.Row<std::uint8_t>(0)[4], 0);
}

}  // namespace
}  // namespace gpen
