#include "face/input_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace gpen::face {
namespace {

// Two pixels beside each other, below two others.
template <typename Sample>
Image Pixels(int channels, std::vector<Sample> samples) {
  Image image(2, 2, channels, kSampleTypeOf<Sample>);
  std::ranges::copy(samples, image.Row<Sample>(1));
  return image;
}

using Row = std::vector<float>;

Row Rgb(const Image& image, float scale, float offset) {
  Row row(6);
  FillRgbRow(image.view(), 1, scale, offset, row.data());
  return row;
}

TEST(FillRgbRow, KeepsAPixelsColoursTogether) {
  EXPECT_EQ(Rgb(Pixels<float>(3, {1, 2, 3, 4, 5, 6}), 2, -1), (Row{1, 3, 5, 7, 9, 11}));
}

TEST(FillRgbRow, AlphaIsIgnoredAndGrayIsAllThreeColours) {
  EXPECT_EQ(Rgb(Pixels<float>(4, {1, 2, 3, 0.5F, 4, 5, 6, 0.5F}), 1, 0), (Row{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(Rgb(Pixels<float>(1, {1, 2}), 1, 0), (Row{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(Rgb(Pixels<float>(2, {1, 0.5F, 2, 0.5F}), 1, 0), (Row{1, 1, 1, 2, 2, 2}));
}

TEST(FillRgbRow, IntegersSpanZeroToOne) {
  EXPECT_EQ(Rgb(Pixels<std::uint8_t>(1, {0, 255}), 4, 1), (Row{1, 1, 1, 5, 5, 5}));
  EXPECT_EQ(Rgb(Pixels<std::uint16_t>(1, {0, 65535}), 4, 1), (Row{1, 1, 1, 5, 5, 5}));
}

TEST(FillGrayRow, IsTheLuma) {
  Row row(2);
  FillGrayRow(Pixels<float>(3, {1, 0, 0, 1, 1, 1}).view(), 1, 2, row.data());
  EXPECT_NEAR(row[0], 0.598F, 1e-6F);
  EXPECT_NEAR(row[1], 2, 1e-6F);
}

}  // namespace
}  // namespace gpen::face
