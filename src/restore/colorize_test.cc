#include "restore/colorize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace gpen::restore {
namespace {

codec::Photo GrayPhoto(int channels, SampleType type) {
  codec::Photo photo;
  photo.pixels = Image(3, 300, channels, type);
  for (int y = 0; y < 300; ++y) {
    for (int i = 0; i < 3 * channels; ++i) {
      const int value = (7 * y + 13 * i) % 256;
      if (type == SampleType::kU8) {
        photo.pixels.Row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(value);
      } else {
        photo.pixels.Row<std::uint16_t>(y)[i] = static_cast<std::uint16_t>(257 * value);
      }
    }
  }
  return photo;
}

TEST(MakeRoomForColors, KeepsTheLookAndTheAlpha) {
  codec::Photo photo = GrayPhoto(2, SampleType::kU8);
  const Image before = photo.pixels.Clone();
  std::vector<std::string> warnings;
  ASSERT_TRUE(MakeRoomForColors(&photo, &warnings));
  ASSERT_EQ(photo.pixels.channels(), 4);
  for (int y = 0; y < 300; ++y) {
    const auto* old = before.Row<std::uint8_t>(y);
    const auto* pixel = photo.pixels.Row<std::uint8_t>(y);
    for (int x = 0; x < 3; ++x, old += 2, pixel += 4) {
      for (int c = 0; c < 3; ++c) ASSERT_EQ(pixel[c], old[0]) << x << " " << y;
      ASSERT_EQ(pixel[3], old[1]);
    }
  }
}

TEST(MakeRoomForColors, KeepsSixteenBits) {
  codec::Photo photo = GrayPhoto(1, SampleType::kU16);
  const Image before = photo.pixels.Clone();
  std::vector<std::string> warnings;
  ASSERT_TRUE(MakeRoomForColors(&photo, &warnings));
  ASSERT_EQ(photo.pixels.channels(), 3);
  ASSERT_EQ(photo.pixels.type(), SampleType::kU16);
  EXPECT_NEAR(photo.pixels.Row<std::uint16_t>(299)[7], before.Row<std::uint16_t>(299)[2], 1);
}

TEST(MakeRoomForColors, LeavesColourPhotosAlone) {
  codec::Photo photo;
  photo.pixels = Image(2, 2, 3, SampleType::kU8);
  photo.metadata.icc.resize(4);
  std::vector<std::string> warnings;
  ASSERT_TRUE(MakeRoomForColors(&photo, &warnings));
  EXPECT_EQ(photo.metadata.icc.size(), 4U);
}

TEST(KeepLuma, TakesTheColoursAndNotTheLight) {
  Image original(1, 1, 3, SampleType::kF32);
  Image picture(1, 1, 3, SampleType::kF32);
  const float gray[] = {0.5F, 0.5F, 0.5F};
  const float red[] = {0.8F, 0.2F, 0.2F};
  std::copy_n(gray, 3, original.Row<float>(0));
  std::copy_n(red, 3, picture.Row<float>(0));
  KeepLuma(original.view(), picture.mutable_view());
  const float* pixel = picture.Row<float>(0);
  EXPECT_NEAR(0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2], 0.5F, 1e-6F);
  EXPECT_NEAR(pixel[0] - pixel[1], 0.6F, 1e-6F);
  RemoveColors(picture.mutable_view());
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(pixel[c], 0.5F, 1e-6F);
}

}  // namespace
}  // namespace gpen::restore
