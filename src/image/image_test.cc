#include "image/image.h"

#include <gtest/gtest.h>

namespace gpen {
namespace {

TEST(Image, ViewsShareItsPixels) {
  Image image(5, 4, 3, SampleType::kU16);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 15; ++x)
      image.Row<std::uint16_t>(y)[x] = static_cast<std::uint16_t>(100 * y + x);
  }
  const MutableImageView part = image.mutable_view().Crop({2, 1, 3, 2});
  EXPECT_EQ(part.Row<std::uint16_t>(0)[0], 106);
  EXPECT_EQ(part.Row<std::uint16_t>(1)[8], 214);
  part.Row<std::uint16_t>(0)[0] = 7;
  EXPECT_EQ(image.Row<std::uint16_t>(1)[6], 7);

  const Image copy = CopyOf(part);
  EXPECT_EQ(copy.width(), 3);
  EXPECT_EQ(copy.stride_bytes(), 18U);
  EXPECT_EQ(copy.Row<std::uint16_t>(1)[8], 214);
  image.Row<std::uint16_t>(1)[6] = 8;
  EXPECT_EQ(copy.Row<std::uint16_t>(0)[0], 7);
}

TEST(Rect, IntersectionIsTheCommonPart) {
  EXPECT_EQ(Intersect({0, 0, 10, 10}, {5, 6, 10, 2}), (Rect{5, 6, 5, 2}));
  EXPECT_TRUE(Intersect({0, 0, 10, 10}, {10, 0, 5, 5}).empty());
}

}  // namespace
}  // namespace gpen
