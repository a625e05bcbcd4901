#include "restore/repair_mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "codec/decode.h"
#include "codec/threads.h"

namespace gpen::restore {
namespace {

// '#' is marked wholly, '+' a little.
Image MaskOf(const std::vector<std::string_view>& rows) {
  Image mask(static_cast<int>(rows[0].size()), static_cast<int>(rows.size()), 1, SampleType::kU8);
  for (int y = 0; y < mask.height(); ++y) {
    for (int x = 0; x < mask.width(); ++x) {
      const char c = rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)];
      mask.Row<std::uint8_t>(y)[x] = c == '#' ? 255 : c == '+' ? 1 : 0;
    }
  }
  return mask;
}

int CountOf(const std::vector<std::string_view>& rows) {
  return CountPlaces(MaskOf(rows).view()).count;
}

TEST(CountPlaces, ConnectedPixelsAreOnePlace) {
  EXPECT_EQ(CountOf({"....", "...."}), 0);
  EXPECT_EQ(CountOf({"#..#", "...."}), 2);
  EXPECT_EQ(CountOf({"##.#", "..#."}), 1) << "diagonally too";
  EXPECT_EQ(CountOf({"#.#.#", "#.#.#", "#####"}), 1) << "what meets later";
  EXPECT_EQ(CountOf({"#####", "#...#", "#.#.#", "#...#", "#####"}), 2) << "one within another";
  EXPECT_EQ(CountOf({"#...#", "....#", "#...#"}), 3);
  EXPECT_EQ(CountOf({"#.....#", ".#...#.", "..#.#..", "...#..."}), 1);
}

TEST(CountPlaces, TheShareIsThatOfAllMarkedPixels) {
  EXPECT_DOUBLE_EQ(CountPlaces(MaskOf({"#+..", "...."}).view()).share, 0.25);
  EXPECT_DOUBLE_EQ(CountPlaces(MaskOf({"....", "...."}).view()).share, 0);
}

TEST(EncodeMask, AFineScratchStaysVisibleWhenItIsMadeSmaller) {
  ASSERT_TRUE(codec::Start());
  Image mask(3000, 2, 1, SampleType::kU8);
  for (int y = 0; y < 2; ++y) std::fill_n(mask.Row<std::uint8_t>(y), 3000, std::uint8_t{0});
  mask.Row<std::uint8_t>(1)[1501] = 200;
  const auto file = EncodeMask(mask.view());
  ASSERT_TRUE(file) << file.error().message();
  const auto overlay = codec::Decode(*file, {});
  ASSERT_TRUE(overlay) << overlay.error().message();
  ASSERT_EQ(overlay->pixels.channels(), 4);
  EXPECT_EQ(overlay->width(), 1000);
  const auto* row = overlay->pixels.Row<std::uint8_t>(0);
  EXPECT_EQ(row[4 * 500 + 3], 200);
  EXPECT_EQ(row[4 * 499 + 3], 0);
  EXPECT_EQ(row[4 * 501 + 3], 0);
}

TEST(PaintMask, PaintsWhatIsMarkedAndNothingElse) {
  const Image mask = MaskOf({"#.", ".#"});
  Image photo(2, 2, 2, SampleType::kU8);
  for (int y = 0; y < 2; ++y) {
    std::uint8_t* row = photo.Row<std::uint8_t>(y);
    row[0] = row[2] = y == 0 ? 20 : 220;
    row[1] = row[3] = 77;
  }
  PaintMask(mask.view(), photo.mutable_view());
  EXPECT_EQ(photo.Row<std::uint8_t>(0)[0], 255) << "dark becomes white";
  EXPECT_EQ(photo.Row<std::uint8_t>(0)[2], 20);
  EXPECT_EQ(photo.Row<std::uint8_t>(1)[2], 0) << "light becomes black";
  EXPECT_EQ(photo.Row<std::uint8_t>(0)[1], 77) << "alpha stays";
  Image deep(2, 2, 3, SampleType::kU16);
  for (int y = 0; y < 2; ++y) std::fill_n(deep.Row<std::uint16_t>(y), 6, std::uint16_t{30000});
  PaintMask(mask.view(), deep.mutable_view());
  EXPECT_EQ(deep.Row<std::uint16_t>(0)[0], 65535);
  EXPECT_EQ(deep.Row<std::uint16_t>(0)[1], 0);
  EXPECT_EQ(deep.Row<std::uint16_t>(0)[3], 30000);
}

}  // namespace
}  // namespace gpen::restore
