#include "image/image_pyramid.h"

#include <gtest/gtest.h>

#include <cmath>

#include "image/resample.h"

namespace gpen {
namespace {

// Slow waves, so that averaging changes little.
Image Waves(int width, int height) {
  Image image(width, height, 3, SampleType::kU8);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* row = image.Row<std::uint8_t>(y);
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        *row++ = static_cast<std::uint8_t>(128 + 100 * std::sin(x / 90.0 + c) * std::cos(y / 70.0));
      }
    }
  }
  return image;
}

double LargestDifference(const Image& a, const Image& b) {
  double worst = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int i = 0; i < a.width() * a.channels(); ++i) {
      worst = std::max(worst, std::abs(1.0 * a.Row<float>(y)[i] - b.Row<float>(y)[i]));
    }
  }
  return worst;
}

TEST(ImagePyramid, CropsAgreeWithThoseOfTheFullPicture) {
  const Image full = Waves(1001, 803);
  ImagePyramid pyramid(full.view());
  pyramid.Reduce(500, 401);
  pyramid.Reduce(250, 201);
  for (const double scale : {0.5, 1.0, 1.7, 2.5, 4.2, 7.0}) {
    const Affine full_from_crop =
        Translation({450, 330}) * RotationAndScale(20, scale) * Translation({-31.5, -31.5});
    const Image from_pyramid = pyramid.Crop(full_from_crop, 64, 64);
    const Image from_full = ExtractCrop(full.view(), full_from_crop, 64, 64);
    EXPECT_LT(LargestDifference(from_pyramid, from_full), 0.02) << "scale " << scale;
  }
}

TEST(ImagePyramid, AFineCropKeepsEveryPixel) {
  const Image full = Waves(300, 200);
  ImagePyramid pyramid(full.view());
  pyramid.Reduce(150, 100);
  const Affine shift = Translation({17, 23});
  EXPECT_EQ(
      LargestDifference(pyramid.Crop(shift, 64, 64), ToFloat(full.view().Crop({17, 23, 64, 64}))),
      0);
}

TEST(ImagePyramid, ReducingToTheSameSizeAddsNothing) {
  const Image full = Waves(30, 20);
  ImagePyramid pyramid(full.view());
  EXPECT_EQ(pyramid.Reduce(30, 20).data(), full.view().data());
  const ImageView half = pyramid.Reduce(15, 10);
  EXPECT_EQ(pyramid.Reduce(15, 10).data(), half.data());
}

}  // namespace
}  // namespace gpen
