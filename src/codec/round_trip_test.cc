// Encode, then Decode: every format with every kind of pixels that it holds.
#include <gtest/gtest.h>

#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

EncodeOptions Options(std::optional<int> quality = std::nullopt) {
  EncodeOptions options;
  options.quality = quality;
  options.software = "GPEN-NAS test";
  options.model = "model 1";
  return options;
}

struct Kind {
  Format format;
  int channels;
  SampleType type;
};

std::string NameOfKind(const ::testing::TestParamInfo<Kind>& info) {
  return std::string(NameOf(info.param.format)) + "_" + std::to_string(info.param.channels) +
         (info.param.type == SampleType::kU8 ? "_u8" : "_u16");
}

Image Draw(const Kind& kind) {
  return kind.type == SampleType::kU8 ? DrawPicture<std::uint8_t>(83, 61, kind.channels)
                                      : DrawPicture<std::uint16_t>(83, 61, kind.channels);
}

class LosslessTest : public ::testing::TestWithParam<Kind> {};

TEST_P(LosslessTest, EveryPixelIsEqual) {
  Photo photo = MakePhoto(Draw(GetParam()), GetParam().format);
  photo.info.lossless = true;
  std::vector<std::string> warnings;
  const auto file = Encode(photo, Options(), &warnings);
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  const auto decoded = Decode(*file, Limits());
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_TRUE(SamePixels(decoded->pixels, photo.pixels));
  EXPECT_EQ(decoded->info.format, GetParam().format);
  EXPECT_TRUE(decoded->info.lossless);
  EXPECT_TRUE(decoded->warnings.empty()) << decoded->warnings.front();
  EXPECT_EQ(decoded->has_alpha(), GetParam().channels % 2 == 0);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, LosslessTest,
    ::testing::Values(
        Kind{Format::kPng, 1, SampleType::kU8}, Kind{Format::kPng, 2, SampleType::kU8},
        Kind{Format::kPng, 3, SampleType::kU8}, Kind{Format::kPng, 4, SampleType::kU8},
        Kind{Format::kPng, 1, SampleType::kU16}, Kind{Format::kPng, 2, SampleType::kU16},
        Kind{Format::kPng, 3, SampleType::kU16}, Kind{Format::kPng, 4, SampleType::kU16},
        Kind{Format::kTiff, 1, SampleType::kU8}, Kind{Format::kTiff, 2, SampleType::kU8},
        Kind{Format::kTiff, 3, SampleType::kU8}, Kind{Format::kTiff, 4, SampleType::kU8},
        Kind{Format::kTiff, 1, SampleType::kU16}, Kind{Format::kTiff, 2, SampleType::kU16},
        Kind{Format::kTiff, 3, SampleType::kU16}, Kind{Format::kTiff, 4, SampleType::kU16},
        Kind{Format::kWebp, 3, SampleType::kU8}, Kind{Format::kWebp, 4, SampleType::kU8}),
    NameOfKind);

class LossyTest : public ::testing::TestWithParam<Kind> {};

TEST_P(LossyTest, PixelsAreClose) {
  const Photo photo = MakePhoto(Draw(GetParam()), GetParam().format);
  std::vector<std::string> warnings;
  const auto file = Encode(photo, Options(92), &warnings);
  ASSERT_TRUE(file) << file.error().message();
  const auto decoded = Decode(*file, Limits());
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_GT(Psnr(decoded->pixels, photo.pixels), 36);
  EXPECT_EQ(decoded->info.format, GetParam().format);
  EXPECT_FALSE(decoded->info.lossless);
}

INSTANTIATE_TEST_SUITE_P(Kinds, LossyTest,
                         ::testing::Values(Kind{Format::kJpeg, 1, SampleType::kU8},
                                           Kind{Format::kJpeg, 3, SampleType::kU8},
                                           Kind{Format::kWebp, 3, SampleType::kU8},
                                           Kind{Format::kWebp, 4, SampleType::kU8},
                                           Kind{Format::kHeic, 3, SampleType::kU8},
                                           Kind{Format::kHeic, 3, SampleType::kU16},
                                           Kind{Format::kHeic, 4, SampleType::kU8},
                                           Kind{Format::kAvif, 3, SampleType::kU8},
                                           Kind{Format::kAvif, 4, SampleType::kU8},
                                           Kind{Format::kAvif, 3, SampleType::kU16},
                                           Kind{Format::kAvif, 4, SampleType::kU16}),
                         NameOfKind);

TEST(EncodeTest, JpegPutsTransparencyOnWhite) {
  Image pixels(16, 16, 4, SampleType::kU8);
  std::fill_n(pixels.Row<std::uint8_t>(0), 16 * 16 * 4, std::uint8_t{0});
  const Photo photo = MakePhoto(std::move(pixels), Format::kPng);
  auto options = Options();
  options.format = Format::kJpeg;
  std::vector<std::string> warnings;
  const auto file = Encode(photo, options, &warnings);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("white"), std::string::npos);
  const auto decoded = Decode(*file, Limits());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->pixels.channels(), 3);
  EXPECT_GE(decoded->pixels.Row<std::uint8_t>(8)[24], 254);
}

TEST(EncodeTest, SixteenBitIsRoundedForJpeg) {
  Image pixels(16, 16, 1, SampleType::kU16);
  std::fill_n(pixels.Row<std::uint16_t>(0), 16 * 16, static_cast<std::uint16_t>(100 * 257 + 128));
  const Photo photo = MakePhoto(std::move(pixels), Format::kPng);
  auto options = Options(100);
  options.format = Format::kJpeg;
  std::vector<std::string> warnings;
  const auto file = Encode(photo, options, &warnings);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("rounded"), std::string::npos);
  const auto decoded = Decode(*file, Limits());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->pixels.Row<std::uint8_t>(3)[3], 100);
}

TEST(EncodeTest, RefusesWhatCannotBe) {
  const Photo photo = MakePhoto(DrawPicture<std::uint8_t>(8, 8, 3), Format::kJpeg);
  const auto zero = Encode(photo, Options(0), nullptr);
  ASSERT_FALSE(zero);
  EXPECT_EQ(zero.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(Encode(Photo(), Options(), nullptr));

  const Photo wide = MakePhoto(DrawPicture<std::uint8_t>(65501, 1, 1), Format::kJpeg);
  const auto too_wide = Encode(wide, Options(), nullptr);
  ASSERT_FALSE(too_wide);
  EXPECT_EQ(too_wide.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(too_wide.error().message().find("65500"), std::string::npos);
  EXPECT_TRUE(
      Encode(MakePhoto(DrawPicture<std::uint8_t>(65500, 1, 1), Format::kJpeg), Options(), nullptr));
}

}  // namespace
}  // namespace gpen::codec
