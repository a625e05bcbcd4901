#include "codec/tone_mapping.h"

#include <gtest/gtest.h>

namespace gpen::codec {
namespace {

constexpr int kHlg = 18;

// One pixel, as 16-bit samples.
std::array<int, 3> Map(std::array<double, 3> signal, const CodedColors& coded) {
  Image image(1, 1, 3, SampleType::kU16);
  for (std::size_t c = 0; c < 3; ++c) {
    image.Row<std::uint16_t>(0)[c] = static_cast<std::uint16_t>(signal[c] * 65535 + 0.5);
  }
  const Image mapped = ToneMapped(image.view(), coded);
  const auto* row = mapped.Row<std::uint16_t>(0);
  return {row[0] / 257, row[1] / 257, row[2] / 257};
}

TEST(ToneMapped, GrayStaysGrayAndGoesUpWithTheLight) {
  for (const int transfer : {16, kHlg}) {
    int before = -1;
    for (int i = 0; i <= 20; ++i) {
      const auto [r, g, b] = Map({i / 20.0, i / 20.0, i / 20.0}, {9, transfer});
      EXPECT_NEAR(r, g, 1);
      EXPECT_NEAR(b, g, 1);
      EXPECT_GE(g, before) << transfer;
      before = g;
    }
    EXPECT_EQ(Map({0, 0, 0}, {9, transfer})[0], 0);
    EXPECT_GE(Map({1, 1, 1}, {9, transfer})[0], 254);
  }
}

// BT.2408: a gray card is shown with 26 candela per square metre and paper with 203; it has 38 % of
// both signals. sRGB has 100 for that part of white.
TEST(ToneMapped, AGrayCardKeepsItsTone) {
  EXPECT_NEAR(Map({0.38, 0.38, 0.38}, {9, 16})[1], 100, 3);
  EXPECT_NEAR(Map({0.38, 0.38, 0.38}, {9, kHlg})[1], 100, 3);
}

TEST(ToneMapped, PrimariesAreSeenTo) {
  const auto wide = Map({0.5, 0.2, 0.2}, {9, 16});
  const auto narrow = Map({0.5, 0.2, 0.2}, {1, 16});
  EXPECT_GE(wide[0], narrow[0]);
  EXPECT_LT(wide[1], narrow[1]) << "BT.2020's red is redder than sRGB's";
}

TEST(ToneMapped, AlphaStays) {
  Image image(1, 1, 4, SampleType::kU8);
  for (int c = 0; c < 4; ++c) image.Row<std::uint8_t>(0)[c] = 77;
  EXPECT_EQ(ToneMapped(image.view(), {9, 16}).Row<std::uint8_t>(0)[3], 77);
}

}  // namespace
}  // namespace gpen::codec
