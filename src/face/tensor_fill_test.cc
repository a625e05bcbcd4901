#include "face/tensor_fill.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace gpen::face {
namespace {

// Two pixels beside each other.
Image Pixels(int channels, std::vector<float> samples) {
  Image image(2, 1, channels, SampleType::kF32);
  std::ranges::copy(samples, image.Row<float>(0));
  return image;
}

using Tensor = std::vector<float>;

TEST(FillPlanarRgb, PutsEachColourInItsPlane) {
  Tensor tensor(6);
  FillPlanarRgb(Pixels(3, {1, 2, 3, 4, 5, 6}).view(), 2, -1, tensor);
  EXPECT_EQ(tensor, (Tensor{1, 7, 3, 9, 5, 11}));
}

TEST(FillPlanarRgb, AlphaIsIgnoredAndGrayIsAllThreeColours) {
  Tensor tensor(6);
  FillPlanarRgb(Pixels(4, {1, 2, 3, 0.5F, 4, 5, 6, 0.5F}).view(), 1, 0, tensor);
  EXPECT_EQ(tensor, (Tensor{1, 4, 2, 5, 3, 6}));
  FillPlanarRgb(Pixels(1, {1, 2}).view(), 1, 0, tensor);
  EXPECT_EQ(tensor, (Tensor{1, 2, 1, 2, 1, 2}));
  FillPlanarRgb(Pixels(2, {1, 0.5F, 2, 0.5F}).view(), 1, 0, tensor);
  EXPECT_EQ(tensor, (Tensor{1, 2, 1, 2, 1, 2}));
}

TEST(FillInterleavedRgb, KeepsAPixelsColoursTogether) {
  Tensor tensor(6);
  FillInterleavedRgb(Pixels(3, {1, 2, 3, 4, 5, 6}).view(), 2, -1, tensor);
  EXPECT_EQ(tensor, (Tensor{1, 3, 5, 7, 9, 11}));
}

TEST(FillGray, IsTheLuma) {
  Tensor tensor(2);
  FillGray(Pixels(3, {1, 0, 0, 1, 1, 1}).view(), 2, tensor);
  EXPECT_NEAR(tensor[0], 0.598F, 1e-6F);
  EXPECT_NEAR(tensor[1], 2, 1e-6F);
}

}  // namespace
}  // namespace gpen::face
