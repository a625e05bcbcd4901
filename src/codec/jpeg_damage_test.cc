#include "codec/jpeg_damage.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/encode.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;

File Jpeg() {
  EncodeOptions options;
  options.format = Format::kJpeg;
  auto file =
      Encode(MakePhoto(DrawPicture<std::uint8_t>(320, 240, 3), Format::kPng), options, nullptr);
  EXPECT_TRUE(file) << file.error().message();
  return *std::move(file);
}

TEST(JpegDamageTest, AWholeFileHasNone) { EXPECT_FALSE(IsDamagedInside(Jpeg())); }

TEST(JpegDamageTest, PaddingBeforeTheEndMarkIsNone) {
  for (const std::byte padding : {std::byte{0}, std::byte{0x55}}) {
    File file = Jpeg();
    file.insert(file.end() - 2, 300, padding);
    EXPECT_FALSE(IsDamagedInside(file));
  }
}

TEST(JpegDamageTest, WhatFollowsTheEndMarkDoesNotCount) {
  File file = Jpeg();
  for (int i = 0; i < 500; ++i) file.push_back(static_cast<std::byte>(i * 37));
  EXPECT_FALSE(IsDamagedInside(file));
}

TEST(JpegDamageTest, BlocksLeftOverAre) {
  const File whole = Jpeg();
  const auto middle = whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2);
  File twice(whole.begin(), whole.end() - 2);  // The second half of the blocks comes once more.
  twice.insert(twice.end(), middle, whole.end());
  EXPECT_TRUE(IsDamagedInside(twice));
}

TEST(JpegDamageTest, MissingBlocksAre) {
  File file = Jpeg();
  const auto middle = file.begin() + static_cast<std::ptrdiff_t>(file.size() / 2);
  file.erase(middle, middle + 200);
  EXPECT_TRUE(IsDamagedInside(file));
}

TEST(JpegDamageTest, WhatIsNoJpegIsLeftToDecoding) {
  EXPECT_FALSE(IsDamagedInside(File(100, std::byte{1})));
  EXPECT_FALSE(IsDamagedInside(File()));
}

}  // namespace
}  // namespace gpen::codec
