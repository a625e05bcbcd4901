// HEIC and AVIF: rotation boxes, depth, colour descriptions. Files are made with libheif directly.
#include "codec/heif.h"

#include <gtest/gtest.h>
#include <lcms2.h>
#include <libheif/heif.h>

#include <map>
#include <string>

#include "codec/byte_writer.h"
#include "codec/color_transform.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/exif_block.h"
#include "codec/heif_items.h"
#include "codec/heif_references.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;

constexpr int kWidth = 64;
constexpr int kHeight = 48;

heif_error Collect(heif_context*, const void* data, size_t size, void* target) {
  const auto* bytes = static_cast<const std::byte*>(data);
  static_cast<File*>(target)->insert(static_cast<File*>(target)->end(), bytes, bytes + size);
  return {heif_error_Ok, heif_suberror_Unspecified, ""};
}

struct FileOptions {
  heif_orientation orientation = heif_orientation_normal;
  heif_color_primaries primaries = heif_color_primaries_ITU_R_BT_709_5;
  heif_transfer_characteristics transfer = heif_transfer_characteristic_IEC_61966_2_1;
  int pictures = 1;
  File exif;
};

File MakeFile(heif_compression_format compression, const Image& rgb, const FileOptions& options) {
  heif_context* context = heif_context_alloc();
  heif_encoder* encoder = nullptr;
  EXPECT_EQ(heif_context_get_encoder_for_format(context, compression, &encoder).code, 0);
  heif_encoder_set_lossy_quality(encoder, 95);
  heif_image* image = nullptr;
  heif_image_create(rgb.width(), rgb.height(), heif_colorspace_RGB, heif_chroma_interleaved_RGB,
                    &image);
  heif_image_add_plane(image, heif_channel_interleaved, rgb.width(), rgb.height(), 8);
  int stride = 0;
  std::uint8_t* plane = heif_image_get_plane(image, heif_channel_interleaved, &stride);
  for (int y = 0; y < rgb.height(); ++y) {
    std::copy_n(rgb.Row<std::uint8_t>(y), rgb.width() * 3, plane + y * stride);
  }
  heif_color_profile_nclx* nclx = heif_nclx_color_profile_alloc();
  nclx->color_primaries = options.primaries;
  nclx->transfer_characteristics = options.transfer;
  nclx->matrix_coefficients = heif_matrix_coefficients_ITU_R_BT_601_6;
  nclx->full_range_flag = 1;
  heif_image_set_nclx_color_profile(image, nclx);
  heif_encoding_options* encoding = heif_encoding_options_alloc();
  encoding->image_orientation = options.orientation;
  for (int i = 0; i < options.pictures; ++i) {
    heif_image_handle* handle = nullptr;
    EXPECT_EQ(heif_context_encode_image(context, image, encoder, encoding, &handle).code, 0);
    if (!options.exif.empty() && i == 0) {
      heif_context_add_exif_metadata(context, handle, options.exif.data(),
                                     static_cast<int>(options.exif.size()));
    }
    heif_image_handle_release(handle);
  }
  File file;
  heif_writer writer{1, Collect};
  heif_context_write(context, &writer, &file);
  heif_encoding_options_free(encoding);
  heif_nclx_color_profile_free(nclx);
  heif_image_release(image);
  heif_encoder_release(encoder);
  heif_context_free(context);
  return file;
}

/// `upright` as it must be stored for `orientation`, by undoing the turn with the same table.
Image StoredAs(int orientation, const Image& upright) {
  const int width = upright.width();
  const int height = upright.height();
  const bool turned = orientation >= 5;
  Image stored(turned ? height : width, turned ? width : height, 3, SampleType::kU8);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int right = width - 1 - x;
      const int bottom = height - 1 - y;
      const std::pair<int, int> places[] = {{x, y}, {right, y}, {right, bottom}, {x, bottom},
                                            {y, x}, {y, right}, {bottom, right}, {bottom, x}};
      const auto [stored_x, stored_y] = places[orientation - 1];
      std::copy_n(upright.Row<std::uint8_t>(y) + 3 * x, 3,
                  stored.Row<std::uint8_t>(stored_y) + 3 * stored_x);
    }
  }
  return stored;
}

TEST(HeifTest, BoxesTurnThePictureAndExifDoesNotTurnItAgain) {
  const Image upright = DrawPicture<std::uint8_t>(kWidth, kHeight, 3);
  for (const auto compression : {heif_compression_HEVC, heif_compression_AV1}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      FileOptions options;
      options.orientation = static_cast<heif_orientation>(orientation);
      options.exif = EditExif({}, {1, 1, "camera"});
      // The edit wrote orientation 1 as the first entry of the directory at 8: make it the box's.
      options.exif[8 + 2 + 8] = static_cast<std::byte>(orientation);
      ASSERT_EQ(ExifOrientation(options.exif), orientation);
      const auto photo =
          Decode(MakeFile(compression, StoredAs(orientation, upright), options), Limits());
      ASSERT_TRUE(photo) << photo.error().message();
      EXPECT_EQ(photo->width(), kWidth);
      EXPECT_GT(Psnr(photo->pixels, upright), 34) << orientation;
      const auto again = Decode(*Encode(*photo, {.software = "test"}, nullptr), Limits());
      ASSERT_TRUE(again);
      EXPECT_EQ(ExifOrientation(again->metadata.exif), 1);
      EXPECT_GT(Psnr(again->pixels, upright), 33) << orientation;
    }
  }
}

TEST(HeifTest, DepthIsKept) {
  for (const Format format : {Format::kHeic, Format::kAvif}) {
    for (const int bits : {8, 10, 12}) {
      const Image picture = DrawPicture<std::uint16_t>(kWidth, kHeight, 3);
      HeifEncoding encoding;
      encoding.format = format;
      encoding.quality = 98;
      encoding.bits = bits;
      const auto file = EncodeHeif(picture.view(), encoding, {}, {}, {});
      ASSERT_TRUE(file) << file.error().message();
      const auto photo = Decode(*file, Limits());
      ASSERT_TRUE(photo) << photo.error().message();
      EXPECT_EQ(photo->info.bits_per_sample, bits);
      EXPECT_EQ(photo->pixels.type(), bits == 8 ? SampleType::kU8 : SampleType::kU16);
      if (bits > 8) {
        EXPECT_GT(Psnr(photo->pixels, picture), 38) << NameOf(format) << bits;
      }
      // And through Encode, which takes the depth from the source.
      const auto again = Decode(*Encode(*photo, {.software = "test"}, nullptr), Limits());
      ASSERT_TRUE(again);
      EXPECT_EQ(again->info.bits_per_sample, bits);
    }
  }
}

TEST(HeifTest, DepthWithTransparencyIsKeptOrWider) {
  for (const Format format : {Format::kHeic, Format::kAvif}) {
    const Image picture = DrawPicture<std::uint16_t>(kWidth, kHeight, 4);
    HeifEncoding encoding;
    encoding.format = format;
    encoding.quality = 98;
    encoding.bits = 10;
    const auto file = EncodeHeif(picture.view(), encoding, {}, {}, {});
    ASSERT_TRUE(file) << file.error().message();
    const auto photo = Decode(*file, Limits());
    ASSERT_TRUE(photo) << photo.error().message();
    EXPECT_TRUE(photo->has_alpha());
    EXPECT_GE(photo->info.bits_per_sample, 10);
  }
}

TEST(HeifTest, TheLightIsKept) {
  const File levels = {std::byte{3}, std::byte{232}, std::byte{1}, std::byte{144}};
  File screen;
  for (int i = 0; i < 24; ++i) screen.push_back(static_cast<std::byte>(i + 1));
  const auto light_of = [](Bytes file) {
    std::map<std::string, File> light;
    for (const HeifProperty& property : PropertiesOfPrimary(file)) {
      if (property.type == "clli" || property.type == "mdcv") {
        light[property.type] = File(property.content.begin(), property.content.end());
      }
    }
    return light;
  };
  const std::map<std::string, File> expected = {{"clli", levels}, {"mdcv", screen}};
  for (const Format from : {Format::kHeic, Format::kAvif}) {
    HeifEncoding encoding;
    encoding.format = from;
    encoding.bits = 10;
    encoding.colors = CodedColors{9, 16};
    encoding.light = {levels, screen};
    const auto file =
        EncodeHeif(DrawPicture<std::uint16_t>(kWidth, kHeight, 3).view(), encoding, {}, {}, {});
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_EQ(light_of(*file), expected);
    const auto photo = Decode(*file, Limits());
    ASSERT_TRUE(photo) << photo.error().message();
    EXPECT_TRUE(photo->losses.empty());
    std::vector<std::string> warnings;
    for (const Format to : {Format::kHeic, Format::kAvif}) {
      const auto result = Encode(*photo, {.format = to, .software = "test"}, &warnings);
      ASSERT_TRUE(result) << result.error().message();
      EXPECT_EQ(light_of(*result), expected) << NameOf(to);
      EXPECT_TRUE(warnings.empty());
    }
    ASSERT_TRUE(Encode(*photo, {.format = Format::kJpeg, .software = "test"}, &warnings));
    EXPECT_EQ(warnings.size(), 4U) << "tones, depth, brightness, screen";
  }
}

TEST(HeifTest, ColorDescriptionBecomesAProfile) {
  const Image picture = DrawPicture<std::uint8_t>(kWidth, kHeight, 3);
  FileOptions options;
  const auto plain = Decode(MakeFile(heif_compression_AV1, picture, options), Limits());
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->metadata.icc.empty());
  options.primaries = heif_color_primaries_SMPTE_EG_432_1;  // Display P3.
  auto wide = Decode(MakeFile(heif_compression_AV1, picture, options), Limits());
  ASSERT_TRUE(wide);
  ASSERT_FALSE(wide->metadata.icc.empty());
  EXPECT_TRUE(wide->losses.empty());
  std::vector<std::string> warnings;
  const auto transform = ColorTransform::Create(*wide, &warnings);
  ASSERT_TRUE(transform);
  EXPECT_FALSE(transform->is_identity());
  EXPECT_TRUE(warnings.empty());
  // An AVIF states its colours as before, beside the profile; a HEIC as the profile alone.
  for (const Format format : {Format::kAvif, Format::kHeic}) {
    wide->info.format = format;
    const auto again = Decode(*Encode(*wide, {.software = "test"}, &warnings), Limits());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->metadata.icc, wide->metadata.icc);
    const bool is_stated = again->metadata.coded && again->metadata.coded->primaries == 12;
    EXPECT_EQ(is_stated, format == Format::kAvif);
  }
  options.transfer = heif_transfer_characteristic_ITU_R_BT_2100_0_PQ;
  const auto bright = Decode(MakeFile(heif_compression_AV1, picture, options), Limits());
  ASSERT_TRUE(bright);
  EXPECT_TRUE(bright->losses.empty());
  ASSERT_TRUE(bright->metadata.coded);
  EXPECT_EQ(bright->metadata.coded->transfer, 16);
  // It stays what it is where the format stays, and is pressed together where it does not.
  warnings.clear();
  const auto same = Encode(*bright, {.software = "test"}, &warnings);
  ASSERT_TRUE(same) << same.error().message();
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(Decode(*same, Limits())->metadata.coded->transfer, 16);
  const auto jpeg = Encode(*bright, {.format = Format::kJpeg, .software = "test"}, &warnings);
  ASSERT_TRUE(jpeg) << jpeg.error().message();
  EXPECT_NE(warnings[0].find("dynamic range"), std::string::npos);
}

TEST(HeifTest, FirstOfSeveralPictures) {
  FileOptions options;
  options.pictures = 3;
  const auto photo = Decode(
      MakeFile(heif_compression_HEVC, DrawPicture<std::uint8_t>(kWidth, kHeight, 3), options),
      Limits());
  ASSERT_TRUE(photo);
  EXPECT_EQ(photo->info.frames, 3);
  EXPECT_EQ(photo->losses.size(), 1U);
}

/// A `meta` box with one `iref` box of references of 16-bit items.
File MetaWith(const std::vector<std::tuple<std::string_view, int, int>>& references) {
  File boxes;
  AppendUnsigned(0, 4, ByteOrder::kBig, &boxes);  // Version and flags.
  for (const auto& [type, from, to] : references) {
    AppendUnsigned(14, 4, ByteOrder::kBig, &boxes);
    Append(type, &boxes);
    for (const int value : {from, 1, to}) {
      AppendUnsigned(static_cast<unsigned>(value), 2, ByteOrder::kBig, &boxes);
    }
  }
  File file;
  AppendUnsigned(boxes.size() + 8 + 12, 4, ByteOrder::kBig, &file);
  Append("meta", &file);
  AppendUnsigned(0, 4, ByteOrder::kBig, &file);
  AppendUnsigned(boxes.size() + 8, 4, ByteOrder::kBig, &file);
  Append("iref", &file);
  Append(boxes, &file);
  return file;
}

TEST(HeifTest, CircularReferencesAreFound) {
  EXPECT_TRUE(HasSaneReferences({}));
  EXPECT_TRUE(HasSaneReferences(MetaWith({{"dimg", 1, 2}, {"dimg", 1, 3}, {"auxl", 4, 1}})));
  EXPECT_TRUE(HasSaneReferences(MetaWith({{"cdsc", 1, 1}})));
  EXPECT_FALSE(HasSaneReferences(MetaWith({{"dimg", 1, 1}})));
  EXPECT_FALSE(HasSaneReferences(MetaWith({{"dimg", 1, 2}, {"dimg", 2, 3}, {"dimg", 3, 1}})));
  EXPECT_FALSE(HasSaneReferences(MetaWith({{"auxl", 2, 1}, {"dimg", 2, 1}})));
  EXPECT_FALSE(HasSaneReferences(
      MetaWith({{"dimg", 1, 2}, {"dimg", 2, 3}, {"dimg", 3, 4}, {"dimg", 4, 5}, {"dimg", 5, 6}})));
}

TEST(HeifTest, GrayWithACurveIsConverted) {
  cmsToneCurve* linear = cmsBuildGamma(nullptr, 1.0);
  cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), linear);
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  File icc(size);
  cmsSaveProfileToMem(profile, icc.data(), &size);
  cmsCloseProfile(profile);
  cmsFreeToneCurve(linear);
  Image gray(32, 32, 1, SampleType::kU8);
  std::fill_n(gray.Row<std::uint8_t>(0), 32 * 32, std::uint8_t{55});  // Linear 0.2157.
  Photo photo = MakePhoto(std::move(gray), Format::kPng);
  photo.metadata.icc = icc;
  for (const Format format : {Format::kWebp, Format::kAvif}) {
    const auto file = Encode(photo, {.format = format, .software = "test"}, nullptr);
    ASSERT_TRUE(file);
    const auto decoded = Decode(*file, Limits());
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(decoded->metadata.icc.empty());
    EXPECT_NEAR(decoded->pixels.Row<std::uint8_t>(9)[30], 128, 2) << NameOf(format);
  }
}

}  // namespace
}  // namespace gpen::codec
