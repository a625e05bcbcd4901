#include "codec/color_transform.h"

#include <gtest/gtest.h>
#include <lcms2.h>

#include <array>
#include <cmath>

#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

std::vector<std::byte> Serialized(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  std::vector<std::byte> bytes(size);
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  return bytes;
}

std::vector<std::byte> RgbProfile(const cmsCIExyYTRIPLE& primaries, double gamma) {
  const cmsCIExyY white = {0.3127, 0.3290, 1.0};
  // Type 4 with these parameters is sRGB's curve.
  const std::array<double, 5> srgb_curve = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve* curve = gamma > 0 ? cmsBuildGamma(nullptr, gamma)
                                  : cmsBuildParametricToneCurve(nullptr, 4, srgb_curve.data());
  std::array<cmsToneCurve*, 3> curves = {curve, curve, curve};
  const auto bytes = Serialized(cmsCreateRGBProfile(&white, &primaries, curves.data()));
  cmsFreeToneCurve(curve);
  return bytes;
}

std::vector<std::byte> DisplayP3() {
  return RgbProfile({{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}}, 0);
}

std::vector<std::byte> AdobeRgb() {
  return RgbProfile({{0.640, 0.330, 1}, {0.210, 0.710, 1}, {0.150, 0.060, 1}}, 563.0 / 256);
}

std::vector<std::byte> GrayProfile(double gamma) {
  cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
  const auto bytes = Serialized(cmsCreateGrayProfile(cmsD50_xyY(), curve));
  cmsFreeToneCurve(curve);
  return bytes;
}

Photo PhotoWith(Image pixels, std::vector<std::byte> icc) {
  Photo photo = MakePhoto(std::move(pixels), Format::kPng);
  photo.metadata.icc = std::move(icc);
  return photo;
}

Image OnePixel(std::initializer_list<float> values) {
  Image image(1, 1, static_cast<int>(values.size()), SampleType::kF32);
  std::copy(values.begin(), values.end(), image.Row<float>(0));
  return image;
}

ColorTransform CreateFor(const Photo& photo) {
  std::vector<std::string> warnings;
  auto transform = ColorTransform::Create(photo, &warnings);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  return *std::move(transform);
}

void ExpectRoundTrip(const Photo& photo) {
  const ColorTransform transform = CreateFor(photo);
  const auto srgb = transform.ToSrgb(photo.pixels.view());
  ASSERT_TRUE(srgb);
  const auto back = transform.FromSrgb(srgb->view());
  ASSERT_TRUE(back);
  ASSERT_EQ(back->channels(), photo.color_channels());
  const double scale = photo.pixels.type() == SampleType::kU8 ? 255 : 65535;
  double worst = 0;
  for (int y = 0; y < photo.height(); ++y) {
    for (int x = 0; x < photo.width(); ++x) {
      for (int c = 0; c < photo.color_channels(); ++c) {
        const int index = x * photo.pixels.channels() + c;
        const double before = photo.pixels.type() == SampleType::kU8
                                  ? photo.pixels.Row<std::uint8_t>(y)[index]
                                  : photo.pixels.Row<std::uint16_t>(y)[index];
        const double after = back->Row<float>(y)[x * photo.color_channels() + c];
        worst = std::max(worst, std::abs(before / scale - after));
      }
    }
  }
  EXPECT_LT(worst, 0.001);
}

TEST(ColorTransformTest, WithoutProfileOnlyRescales) {
  const Photo photo = PhotoWith(DrawPicture<std::uint16_t>(9, 7, 4), {});
  const ColorTransform transform = CreateFor(photo);
  EXPECT_TRUE(transform.is_identity());
  const auto srgb = transform.ToSrgb(photo.pixels.view());
  ASSERT_TRUE(srgb);
  EXPECT_EQ(srgb->channels(), 3);
  EXPECT_FLOAT_EQ(srgb->Row<float>(3)[3 * 2 + 1],
                  static_cast<float>(photo.pixels.Row<std::uint16_t>(3)[4 * 2 + 1]) / 65535.0F);
  ExpectRoundTrip(photo);
}

TEST(ColorTransformTest, SrgbProfileIsFoundByItsColors) {
  const auto icc = Serialized(cmsCreate_sRGBProfile());
  EXPECT_TRUE(CreateFor(PhotoWith(DrawPicture<std::uint8_t>(4, 4, 3), icc)).is_identity());
  EXPECT_FALSE(CreateFor(PhotoWith(DrawPicture<std::uint8_t>(4, 4, 3), DisplayP3())).is_identity());
}

// Values computed from the primaries' matrices: P3 red lies outside sRGB, whose
// curve goes on as a straight line below zero.
TEST(ColorTransformTest, DisplayP3HasTheRightColors) {
  const Photo photo = PhotoWith(DrawPicture<std::uint8_t>(4, 4, 3), DisplayP3());
  const ColorTransform transform = CreateFor(photo);
  const auto red = transform.ToSrgb(OnePixel({1, 0, 0}).view());
  ASSERT_TRUE(red);
  EXPECT_NEAR(red->Row<float>(0)[0], 1.0931, 0.002);
  EXPECT_NEAR(red->Row<float>(0)[1], -0.0420 * 12.92, 0.005);
  EXPECT_NEAR(red->Row<float>(0)[2], -0.0196 * 12.92, 0.005);
  const auto gray = transform.ToSrgb(OnePixel({0.5, 0.5, 0.5}).view());
  ASSERT_TRUE(gray);
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(gray->Row<float>(0)[c], 0.5, 0.001);
}

TEST(ColorTransformTest, AdobeRgbHasTheRightColors) {
  const Photo photo = PhotoWith(DrawPicture<std::uint8_t>(4, 4, 3), AdobeRgb());
  const auto color = CreateFor(photo).ToSrgb(OnePixel({0.6F, 0.4F, 0.3F}).view());
  ASSERT_TRUE(color);
  // Linear: (0.3250, 0.1333, 0.0708); to sRGB's primaries R = 1.3984 R - 0.3984 G,
  // B = -0.0429 G + 1.0429 B; then sRGB's curve.
  EXPECT_NEAR(color->Row<float>(0)[0], 0.6664, 0.001);
  EXPECT_NEAR(color->Row<float>(0)[1], 0.4006, 0.001);
  EXPECT_NEAR(color->Row<float>(0)[2], 0.2894, 0.001);
}

TEST(ColorTransformTest, GoesThereAndBack) {
  for (const auto& icc : {DisplayP3(), AdobeRgb()}) {
    ExpectRoundTrip(PhotoWith(DrawPicture<std::uint8_t>(64, 48, 3), icc));
    ExpectRoundTrip(PhotoWith(DrawPicture<std::uint16_t>(64, 48, 4), icc));
  }
  for (const double gamma : {1.0, 1.8, 2.2}) {
    ExpectRoundTrip(PhotoWith(DrawPicture<std::uint8_t>(64, 48, 1), GrayProfile(gamma)));
    ExpectRoundTrip(PhotoWith(DrawPicture<std::uint16_t>(64, 48, 2), GrayProfile(gamma)));
  }
}

TEST(ColorTransformTest, GrayProfileGivesTheRightGray) {
  const Photo photo = PhotoWith(DrawPicture<std::uint8_t>(4, 4, 1), GrayProfile(1.0));
  const auto srgb = CreateFor(photo).ToSrgb(OnePixel({0.2140F}).view());
  ASSERT_TRUE(srgb);
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(srgb->Row<float>(0)[c], 0.5, 0.001);
}

TEST(ColorTransformTest, GrayWithoutProfileComesBackAsLuma) {
  const Photo photo = PhotoWith(DrawPicture<std::uint8_t>(4, 4, 1), {});
  const auto gray = CreateFor(photo).FromSrgb(OnePixel({1.0F, 0.5F, 0.25F}).view());
  ASSERT_TRUE(gray);
  EXPECT_EQ(gray->channels(), 1);
  EXPECT_NEAR(gray->Row<float>(0)[0], 0.299 + 0.587 * 0.5 + 0.114 * 0.25, 1e-6);
}

TEST(ColorTransformTest, UnusableProfileIsAWarning) {
  auto truncated = DisplayP3();
  truncated.resize(truncated.size() / 3);
  for (const auto& icc : {truncated, std::vector<std::byte>(50), GrayProfile(2.2)}) {
    const Photo photo = PhotoWith(DrawPicture<std::uint8_t>(4, 4, 3), icc);
    std::vector<std::string> warnings;
    const auto transform = ColorTransform::Create(photo, &warnings);
    ASSERT_TRUE(transform);
    EXPECT_TRUE(transform->is_identity());
    EXPECT_EQ(warnings.size(), 1U);
  }
}

TEST(ColorTransformTest, CropsWithGapsBetweenRows) {
  const Photo photo = PhotoWith(DrawPicture<std::uint8_t>(40, 30, 3), DisplayP3());
  const ColorTransform transform = CreateFor(photo);
  const auto whole = transform.ToSrgb(photo.pixels.view());
  const auto crop = transform.ToSrgb(photo.pixels.view().Crop({7, 5, 11, 13}));
  ASSERT_TRUE(whole && crop);
  for (int y = 0; y < 13; ++y) {
    for (int i = 0; i < 33; ++i) {
      ASSERT_EQ(crop->Row<float>(y)[i], whole->Row<float>(y + 5)[21 + i]);
    }
  }
}

}  // namespace
}  // namespace gpen::codec
