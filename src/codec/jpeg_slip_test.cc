#include "codec/jpeg_slip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "codec/encode.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

constexpr int kUnit = 16;

// A hill of light with some detail. From the unit (row, column) on, all are brighter by `slip`.
Image Hill(int width, int height, int slip, int row, int column) {
  Image picture(width, height, 3, SampleType::kU8);
  for (int y = 0; y < height; ++y) {
    auto* pixels = picture.mutable_view().Row<std::uint8_t>(y);
    for (int x = 0; x < width; ++x) {
      const bool slipped = y / kUnit > row || (y / kUnit == row && x / kUnit >= column);
      const double light = 90 + 50 * std::sin(x / 61.0) * std::sin(y / 47.0) + (x * 7 + y * 5) % 5;
      for (int channel = 0; channel < 3; ++channel) {
        pixels[3 * x + channel] =
            static_cast<std::uint8_t>(std::clamp(light + (slipped ? slip : 0), 0.0, 255.0));
      }
    }
  }
  return picture;
}

// What is read of it as a JPEG with half the chroma, whose units have 16 pixels a side.
Scan ScanOf(Image picture) {
  EncodeOptions options;
  options.format = Format::kJpeg;
  options.quality = 85;
  const auto file = Encode(MakePhoto(std::move(picture), Format::kPng), options, nullptr);
  EXPECT_TRUE(file) << file.error().message();
  Scan scan = ReadScan(*file);
  EXPECT_EQ(scan.state, Scan::State::kSound);
  EXPECT_EQ(scan.components.at(0).unit_columns, 2);
  return scan;
}

TEST(JpegSlipTest, SeesColorsThatStayShifted) {
  for (const int slip : {-20, 8, 30}) {
    EXPECT_TRUE(ColorsSlip(ScanOf(Hill(640, 480, slip, 12, 17)))) << slip;
  }
}

TEST(JpegSlipTest, AWholePhotoIsNotCalledDamaged) {
  EXPECT_FALSE(ColorsSlip(ScanOf(Hill(640, 480, 0, 12, 17))));
}

TEST(JpegSlipTest, AnEdgeOfTheSceneIsNone) {
  // A horizon from side to side, and a roof that begins in the middle of the picture.
  EXPECT_FALSE(ColorsSlip(ScanOf(Hill(640, 480, 40, 12, 0))));
  Image roof = Hill(640, 480, 0, 0, 0);
  for (int y = 12 * kUnit; y < 20 * kUnit; ++y) {
    auto* row = roof.mutable_view().Row<std::uint8_t>(y);
    std::for_each(row + 3 * 300, row + 3 * 640, [](std::uint8_t& level) { level += 40; });
  }
  EXPECT_FALSE(ColorsSlip(ScanOf(std::move(roof))));
}

TEST(JpegSlipTest, WhatIsTooSmallIsNotJudged) {
  EXPECT_FALSE(ColorsSlip(ScanOf(Hill(64, 48, 30, 1, 2))));
}

}  // namespace
}  // namespace gpen::codec
