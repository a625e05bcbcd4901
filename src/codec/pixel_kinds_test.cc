// Kinds of pixels that cameras, scanners and other programs write: palettes, few bits, CMYK, Lab,
// floating point, several pages. The files are made by libvips and libtiff, not by our encoder.
#include <gtest/gtest.h>
#include <vips/vips.h>

#include <array>

#include "codec/byte_writer.h"
#include "codec/color_transform.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/pictures_testing.h"
#include "codec/threads.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;
using Owner = std::unique_ptr<VipsImage, decltype(&g_object_unref)>;

class PixelKindsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(Start()); }

  static Owner Own(VipsImage* image) { return {image, g_object_unref}; }

  static Owner Wrap(const Image& image, VipsInterpretation interpretation) {
    VipsImage* wrapped = vips_image_new_from_memory_copy(
        image.view().data(), image.size_bytes(), image.width(), image.height(), image.channels(),
        image.type() == SampleType::kU8    ? VIPS_FORMAT_UCHAR
        : image.type() == SampleType::kU16 ? VIPS_FORMAT_USHORT
                                           : VIPS_FORMAT_FLOAT);
    wrapped->Type = interpretation;
    return Own(wrapped);
  }

  /// `suffix` as vips has it: ".png[palette,bitdepth=2]".
  static File Saved(VipsImage* image, const char* suffix) {
    void* buffer = nullptr;
    std::size_t size = 0;
    EXPECT_EQ(vips_image_write_to_buffer(image, suffix, &buffer, &size, nullptr), 0)
        << vips_error_buffer();
    const auto* bytes = static_cast<const std::byte*>(buffer);
    File file(bytes, bytes + size);
    g_free(buffer);
    return file;
  }

  static Photo Decoded(const File& file) {
    auto photo = Decode(file, Limits());
    EXPECT_TRUE(photo) << photo.error().message();
    return photo ? *std::move(photo) : Photo();
  }
};

TEST_F(PixelKindsTest, FewBitsBecomeEight) {
  // libvips writes the last of an odd number of 4-bit samples wrongly, so the width is even.
  Image picture(38, 5, 1, SampleType::kU8);
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 38; ++x) {
      picture.Row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>((x + y) % 2 == 0 ? 255 : 0);
    }
  }
  const Owner image = Wrap(picture, VIPS_INTERPRETATION_B_W);
  for (const char* suffix :
       {".png[bitdepth=1]", ".png[bitdepth=2]", ".png[bitdepth=4]", ".tif[bitdepth=1]",
        ".tif[bitdepth=2]", ".tif[bitdepth=4]", ".tif[bitdepth=1,miniswhite]"}) {
    const Photo photo = Decoded(Saved(image.get(), suffix));
    EXPECT_TRUE(SamePixels(photo.pixels, picture)) << suffix;
    EXPECT_LT(photo.info.bits_per_sample, 8) << suffix;
  }
}

TEST_F(PixelKindsTest, PaletteBecomesRgb) {
  Image picture(32, 16, 4, SampleType::kU8);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 32; ++x) {
      const bool left = x < 16;
      const std::uint8_t color[4] = {static_cast<std::uint8_t>(left ? 200 : 10), 60,
                                     static_cast<std::uint8_t>(y < 8 ? 0 : 250),
                                     static_cast<std::uint8_t>(left ? 255 : 0)};
      std::copy_n(color, 4, picture.Row<std::uint8_t>(y) + 4 * x);
    }
  }
  const Owner image = Wrap(picture, VIPS_INTERPRETATION_sRGB);
  const Photo photo = Decoded(Saved(image.get(), ".png[palette]"));
  EXPECT_EQ(photo.pixels.channels(), 4);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(12)[3], 255);
  EXPECT_EQ(photo.pixels.Row<std::uint8_t>(12)[4 * 20 + 3], 0);
  EXPECT_NEAR(photo.pixels.Row<std::uint8_t>(12)[0], 200, 2);
  EXPECT_NEAR(photo.pixels.Row<std::uint8_t>(12)[2], 250, 2);
}

TEST_F(PixelKindsTest, InterlacedPngIsEqual) {
  const Image picture = DrawPicture<std::uint8_t>(50, 40, 3);
  const Owner image = Wrap(picture, VIPS_INTERPRETATION_sRGB);
  EXPECT_TRUE(SamePixels(Decoded(Saved(image.get(), ".png[interlace]")).pixels, picture));
}

TEST_F(PixelKindsTest, TiffCompressionsAreEqual) {
  const Image picture = DrawPicture<std::uint16_t>(50, 40, 3);
  const Owner image = Wrap(picture, VIPS_INTERPRETATION_RGB16);
  for (const char* suffix :
       {".tif", ".tif[compression=lzw]", ".tif[compression=deflate,predictor=horizontal]",
        ".tif[compression=packbits]", ".tif[tile,tile-width=16,tile-height=16]", ".tif[bigtiff]"}) {
    const Photo photo = Decoded(Saved(image.get(), suffix));
    EXPECT_TRUE(SamePixels(photo.pixels, picture)) << suffix;
    EXPECT_TRUE(photo.info.lossless);
  }
  const Owner eight = Wrap(DrawPicture<std::uint8_t>(50, 40, 3), VIPS_INTERPRETATION_sRGB);
  const Photo lossy = Decoded(Saved(eight.get(), ".tif[compression=jpeg,Q=90]"));
  EXPECT_FALSE(lossy.info.lossless);
  EXPECT_GT(Psnr(lossy.pixels, DrawPicture<std::uint8_t>(50, 40, 3)), 30);
}

TEST_F(PixelKindsTest, ProgressiveAndBaselineJpegAreEqual) {
  const Owner image = Wrap(DrawPicture<std::uint8_t>(50, 40, 3), VIPS_INTERPRETATION_sRGB);
  const Photo baseline = Decoded(Saved(image.get(), ".jpg"));
  const Photo progressive = Decoded(Saved(image.get(), ".jpg[interlace]"));
  EXPECT_FALSE(baseline.jpeg->progressive);
  EXPECT_TRUE(progressive.jpeg->progressive);
  EXPECT_GT(progressive.info.decode_memory_bytes, baseline.info.decode_memory_bytes);
  EXPECT_TRUE(SamePixels(baseline.pixels, progressive.pixels));
}

/// Uniform CMYK with a profile, as vips and Adobe's programs write it (inverted in JPEG).
File CmykFile(const char* suffix, std::array<std::uint8_t, 4> ink) {
  Image picture(32, 32, 4, SampleType::kU8);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) std::copy_n(ink.data(), 4, picture.Row<std::uint8_t>(y) + 4 * x);
  }
  VipsImage* image = vips_image_new_from_memory_copy(picture.view().data(), picture.size_bytes(),
                                                     32, 32, 4, VIPS_FORMAT_UCHAR);
  image->Type = VIPS_INTERPRETATION_CMYK;
  void* buffer = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(vips_image_write_to_buffer(image, suffix, &buffer, &size, nullptr), 0)
      << vips_error_buffer();
  g_object_unref(image);
  const auto* bytes = static_cast<const std::byte*>(buffer);
  File file(bytes, bytes + size);
  g_free(buffer);
  return file;
}

TEST_F(PixelKindsTest, CmykBecomesSrgb) {
  for (const char* suffix : {".jpg", ".tif"}) {
    const Photo white = Decoded(CmykFile(suffix, {0, 0, 0, 0}));
    ASSERT_EQ(white.pixels.channels(), 3) << suffix;
    ASSERT_EQ(white.losses.size(), 1U);
    EXPECT_NE(white.losses[0].find("CMYK"), std::string::npos);
    EXPECT_TRUE(white.metadata.icc.empty());
    for (int c = 0; c < 3; ++c) EXPECT_GT(white.pixels.Row<std::uint8_t>(9)[c], 245) << suffix;
    const Photo black = Decoded(CmykFile(suffix, {0, 0, 0, 255}));
    for (int c = 0; c < 3; ++c) EXPECT_LT(black.pixels.Row<std::uint8_t>(9)[c], 60) << suffix;
    const Photo red = Decoded(CmykFile(suffix, {0, 250, 250, 0}));
    EXPECT_GT(red.pixels.Row<std::uint8_t>(9)[0], 200) << suffix;
    EXPECT_LT(red.pixels.Row<std::uint8_t>(9)[1], 90) << suffix;
    const auto jpeg = Encode(red, {.format = Format::kJpeg, .software = "test"}, nullptr);
    ASSERT_TRUE(jpeg);
    EXPECT_EQ(Decoded(*jpeg).pixels.channels(), 3);
  }
}

TEST_F(PixelKindsTest, LabTiffBecomesSrgb) {
  const Owner srgb = Wrap(DrawPicture<std::uint8_t>(40, 30, 3), VIPS_INTERPRETATION_sRGB);
  VipsImage* lab = nullptr;
  ASSERT_EQ(vips_colourspace(srgb.get(), &lab, VIPS_INTERPRETATION_LABS, nullptr), 0);
  const Owner owner = Own(lab);
  const Photo photo = Decoded(Saved(lab, ".tif"));
  ASSERT_EQ(photo.losses.size(), 1U);
  EXPECT_GT(Psnr(photo.pixels, DrawPicture<std::uint8_t>(40, 30, 3)), 36);
}

TEST_F(PixelKindsTest, FloatTiffIsRefusedWithAReason) {
  VipsImage* floats = nullptr;
  ASSERT_EQ(vips_black(&floats, 16, 16, "bands", 3, nullptr), 0);
  const Owner black = Own(floats);
  ASSERT_EQ(vips_cast(black.get(), &floats, VIPS_FORMAT_FLOAT, nullptr), 0);
  const Owner owner = Own(floats);
  const auto photo = Decode(Saved(floats, ".tif"), Limits());
  ASSERT_FALSE(photo);
  EXPECT_EQ(photo.error().code(), ErrorCode::kUnsupportedFormat);
  EXPECT_NE(photo.error().message().find("floating-point"), std::string::npos);
}

TEST_F(PixelKindsTest, FirstPageIsUsed) {
  Image pages(24, 30, 3, SampleType::kU8);
  for (int y = 0; y < 30; ++y) {
    std::fill_n(pages.Row<std::uint8_t>(y), 24 * 3, static_cast<std::uint8_t>(y / 10 * 100));
  }
  const Owner image = Wrap(pages, VIPS_INTERPRETATION_sRGB);
  vips_image_set_int(image.get(), VIPS_META_PAGE_HEIGHT, 10);
  vips_image_set_int(image.get(), VIPS_META_N_PAGES, 3);
  for (const char* suffix : {".tif", ".webp[lossless]"}) {
    const Photo photo = Decoded(Saved(image.get(), suffix));
    EXPECT_EQ(photo.info.frames, 3) << suffix;
    EXPECT_EQ(photo.height(), 10) << suffix;
    EXPECT_EQ(photo.pixels.Row<std::uint8_t>(9)[5], 0) << suffix;
    ASSERT_EQ(photo.losses.size(), 1U) << suffix;
    EXPECT_NE(photo.losses[0].find("3 pictures"), std::string::npos);
  }
}

TEST_F(PixelKindsTest, PremultipliedAlphaIsUndone) {
  const Image picture = DrawPicture<std::uint8_t>(40, 32, 4);
  const Owner image = Wrap(picture, VIPS_INTERPRETATION_sRGB);
  const Photo photo = Decoded(Saved(image.get(), ".tif[premultiply]"));
  EXPECT_GT(Psnr(photo.pixels, picture), 45);
}

TEST_F(PixelKindsTest, TransparentColorsSurviveLosslessWebp) {
  Image picture = DrawPicture<std::uint8_t>(40, 32, 4);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 40; ++x) picture.Row<std::uint8_t>(y)[4 * x + 3] = 0;
  }
  Photo photo = MakePhoto(picture.Clone(), Format::kWebp);
  photo.info.lossless = true;
  const auto file = Encode(photo, {.software = "test"}, nullptr);
  ASSERT_TRUE(file);
  EXPECT_TRUE(SamePixels(Decoded(*file).pixels, picture));
}

}  // namespace
}  // namespace gpen::codec
