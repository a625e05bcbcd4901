#include "codec/jpeg_slip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace gpen::codec {
namespace {

constexpr int kUnit = 16;
constexpr JpegTraits kTraits{90, true, false, kUnit, kUnit};

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

TEST(JpegSlipTest, SeesColorsThatStayShifted) {
  for (const int slip : {-20, 8, 30}) {
    EXPECT_TRUE(ColorsSlip(Hill(640, 480, slip, 12, 17).view(), 1, kTraits)) << slip;
  }
}

TEST(JpegSlipTest, SeesThemInATurnedPhoto) {
  const Image stored = Hill(640, 480, 20, 12, 17);
  Image upright(480, 640, 3, SampleType::kU8);  // Turned clockwise, as orientation 6 asks.
  for (int y = 0; y < 640; ++y) {
    for (int x = 0; x < 480; ++x) {
      std::copy_n(stored.view().Row<std::uint8_t>(479 - x) + 3 * y, 3,
                  upright.mutable_view().Row<std::uint8_t>(y) + 3 * x);
    }
  }
  EXPECT_TRUE(ColorsSlip(upright.view(), 6, kTraits));
  EXPECT_FALSE(ColorsSlip(upright.view(), 1, kTraits));
}

TEST(JpegSlipTest, AWholePhotoIsNotCalledDamaged) {
  EXPECT_FALSE(ColorsSlip(Hill(640, 480, 0, 12, 17).view(), 1, kTraits));
}

TEST(JpegSlipTest, AnEdgeOfTheSceneIsNone) {
  // A horizon from side to side, and a roof that begins in the middle of the picture.
  EXPECT_FALSE(ColorsSlip(Hill(640, 480, 40, 12, 0).view(), 1, kTraits));
  Image roof = Hill(640, 480, 0, 0, 0);
  for (int y = 12 * kUnit; y < 20 * kUnit; ++y) {
    auto* row = roof.mutable_view().Row<std::uint8_t>(y);
    std::for_each(row + 3 * 300, row + 3 * 640, [](std::uint8_t& level) { level += 40; });
  }
  EXPECT_FALSE(ColorsSlip(roof.view(), 1, kTraits));
}

TEST(JpegSlipTest, WhatIsTooSmallOrInSeveralScansIsNotJudged) {
  EXPECT_FALSE(ColorsSlip(Hill(64, 48, 30, 1, 2).view(), 1, kTraits));
  JpegTraits progressive = kTraits;
  progressive.unit_width = progressive.unit_height = 0;
  EXPECT_FALSE(ColorsSlip(Hill(640, 480, 30, 12, 17).view(), 1, progressive));
}

}  // namespace
}  // namespace gpen::codec
