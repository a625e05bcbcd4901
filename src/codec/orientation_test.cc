// The same picture stored in all eight orientations decodes to the same upright pixels.
#include <gtest/gtest.h>

#include "codec/container.h"
#include "codec/decode.h"
#include "codec/exif_in_tiff.h"
#include "codec/pictures_testing.h"
#include "codec/pixel_saver.h"
#include "codec/webp.h"

namespace gpen::codec {
namespace {

constexpr int kWidth = 46;
constexpr int kHeight = 30;

/// EXIF 2.3, table of orientations: where the pixel (x, y) of the upright picture is stored.
std::pair<int, int> StoredPosition(int orientation, int x, int y) {
  switch (orientation) {
    case 2:
      return {kWidth - 1 - x, y};
    case 3:
      return {kWidth - 1 - x, kHeight - 1 - y};
    case 4:
      return {x, kHeight - 1 - y};
    case 5:
      return {y, x};
    case 6:
      return {y, kWidth - 1 - x};
    case 7:
      return {kHeight - 1 - y, kWidth - 1 - x};
    case 8:
      return {kHeight - 1 - y, x};
    default:
      return {x, y};
  }
}

Image StoredAs(int orientation, const Image& upright) {
  const bool turned = orientation >= 5;
  const std::size_t pixel_bytes =
      static_cast<std::size_t>(upright.channels()) * BytesPerSample(upright.type());
  Image stored(turned ? kHeight : kWidth, turned ? kWidth : kHeight, upright.channels(),
               upright.type());
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const auto [stored_x, stored_y] = StoredPosition(orientation, x, y);
      std::memcpy(stored.mutable_view().Crop({stored_x, stored_y, 1, 1}).data(),
                  upright.view().Crop({x, y, 1, 1}).data(), pixel_bytes);
    }
  }
  return stored;
}

std::vector<std::byte> ExifWith(int orientation) {
  std::vector<std::byte> block = {std::byte{'I'}, std::byte{'I'}, std::byte{42}, std::byte{0},
                                  std::byte{8},   std::byte{0},   std::byte{0},  std::byte{0}};
  AppendTiffDirectory(
      {NewShortEntry(0x0112, static_cast<std::uint16_t>(orientation), ByteOrder::kLittle)}, 0,
      ByteOrder::kLittle, &block);
  return block;
}

std::vector<std::byte> FileWith(Format format, int orientation, const Image& stored) {
  PixelEncoding encoding;
  encoding.format = format;
  encoding.quality = 95;
  const auto file = format == Format::kWebp
                        ? EncodeWebp(stored.view(), {.quality = 0, .lossless = true})
                        : SavePixels(stored.view(), encoding);
  EXPECT_TRUE(file) << file.error().message();
  Metadata metadata;
  metadata.exif = ExifWith(orientation);
  std::vector<std::string> warnings;
  switch (format) {
    case Format::kJpeg:
      return JpegWithMetadata(*file, metadata, &warnings);
    case Format::kPng:
      return PngWithMetadata(*file, metadata);
    case Format::kWebp:
      return WebpWithMetadata(*file, metadata);
    default:
      return TiffWithMetadata(*file, metadata);
  }
}

class OrientationTest : public ::testing::TestWithParam<std::tuple<Format, int>> {};

TEST_P(OrientationTest, IsUpright) {
  const auto [format, channels] = GetParam();
  const Image upright = DrawPicture<std::uint8_t>(kWidth, kHeight, channels);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto file = FileWith(format, orientation, StoredAs(orientation, upright));
    const auto photo = Decode(file, Limits());
    ASSERT_TRUE(photo) << photo.error().message();
    EXPECT_EQ(photo->info.orientation, orientation);
    EXPECT_EQ(photo->info.width, kWidth);
    if (format == Format::kJpeg) {
      EXPECT_GT(Psnr(photo->pixels, upright), 36) << orientation;
    } else {
      EXPECT_TRUE(SamePixels(photo->pixels, upright)) << orientation;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, OrientationTest,
    ::testing::Values(std::tuple{Format::kJpeg, 1}, std::tuple{Format::kJpeg, 3},
                      std::tuple{Format::kPng, 1}, std::tuple{Format::kPng, 2},
                      std::tuple{Format::kPng, 3}, std::tuple{Format::kPng, 4},
                      std::tuple{Format::kWebp, 3}, std::tuple{Format::kWebp, 4},
                      std::tuple{Format::kTiff, 1}, std::tuple{Format::kTiff, 3}));

TEST(OrientationTest, SixteenBitIsUprightToo) {
  for (const int channels : {1, 2, 3, 4}) {
    const Image upright = DrawPicture<std::uint16_t>(kWidth, kHeight, channels);
    for (int orientation = 1; orientation <= 8; ++orientation) {
      const auto file = FileWith(Format::kPng, orientation, StoredAs(orientation, upright));
      const auto photo = Decode(file, Limits());
      ASSERT_TRUE(photo) << photo.error().message();
      EXPECT_TRUE(SamePixels(photo->pixels, upright)) << orientation;
    }
  }
}

}  // namespace
}  // namespace gpen::codec
