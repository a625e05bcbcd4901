#include "face/tiling.h"

#include <gtest/gtest.h>

#include <tuple>

namespace gpen::face {
namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 240;

class TilingTest : public ::testing::TestWithParam<std::tuple<int, int>> {};

// A square of 80 pixels anywhere in the largest level lies whole in some tile.
TEST_P(TilingTest, NoPlaceIsMissed) {
  const auto [width, height] = GetParam();
  const Tiling tiling = CutIntoTiles(width, height, kWidth, kHeight);
  const Level& level = tiling.levels.front();
  constexpr int kSide = kTileOverlap;
  for (int y = 0; y + kSide <= level.height; y += 7) {
    for (int x = 0; x + kSide <= level.width; x += 7) {
      bool whole = false;
      for (const auto& tile : tiling.tiles) {
        const Rect square = {x, y, kSide, kSide};
        whole = whole || (tile.level == 0 && Intersect(square, tile.area) == square);
      }
      ASSERT_TRUE(whole) << x << "," << y;
    }
  }
}

TEST_P(TilingTest, EndsWithTheWholePictureInOneTile) {
  const auto [width, height] = GetParam();
  const Tiling tiling = CutIntoTiles(width, height, kWidth, kHeight);
  const Level& last = tiling.levels.back();
  EXPECT_LE(last.width, kWidth);
  EXPECT_LE(last.height, kHeight);
  EXPECT_TRUE(last.width == kWidth || last.height == kHeight);
  const Tile& tile = tiling.tiles.back();
  EXPECT_FALSE(tile.inner_left || tile.inner_top || tile.inner_right || tile.inner_bottom);
}

TEST_P(TilingTest, ATileKnowsWhereThePictureGoesOn) {
  const auto [width, height] = GetParam();
  const Tiling tiling = CutIntoTiles(width, height, kWidth, kHeight);
  for (const auto& tile : tiling.tiles) {
    const Level& level = tiling.levels.at(static_cast<std::size_t>(tile.level));
    const Rect& area = tile.area;
    EXPECT_EQ(tile.inner_left, area.left > 0);
    EXPECT_EQ(tile.inner_top, area.top > 0);
    EXPECT_EQ(tile.inner_right, area.left + area.width < level.width);
    EXPECT_EQ(tile.inner_bottom, area.top + area.height < level.height);
    EXPECT_EQ(Intersect(area, {0, 0, level.width, level.height}), area);
    EXPECT_LE(area.width, kMostTileWidth);
    EXPECT_LE(area.height, kMostTileHeight);
  }
}

TEST_P(TilingTest, LevelsAreHalvesOfEachOther) {
  const auto [width, height] = GetParam();
  const Tiling tiling = CutIntoTiles(width, height, kWidth, kHeight);
  for (std::size_t i = 1; i + 1 < tiling.levels.size(); ++i) {
    EXPECT_EQ(tiling.levels[i].width, (tiling.levels[i - 1].width + 1) / 2);
    EXPECT_EQ(tiling.levels[i].height, (tiling.levels[i - 1].height + 1) / 2);
  }
}

TEST(CutIntoTiles, APictureOfOneTileIsEnlargedOnly) {
  const Tiling tiling = CutIntoTiles(1, 1, kWidth, kHeight);
  ASSERT_EQ(tiling.levels.size(), 1U);
  EXPECT_EQ(tiling.levels[0].height, kHeight);
  EXPECT_EQ(tiling.tiles.size(), 1U);
}

TEST(CutIntoTiles, AThinPictureKeepsAPixel) {
  const Tiling tiling = CutIntoTiles(100'000, 1, kWidth, kHeight);
  EXPECT_EQ(tiling.levels.back().height, 1);
  EXPECT_EQ(tiling.levels.back().width, kWidth);
}

INSTANTIATE_TEST_SUITE_P(Sizes, TilingTest,
                         ::testing::Values(std::tuple{2048, 1536}, std::tuple{1536, 2048},
                                           std::tuple{321, 241}, std::tuple{320, 240},
                                           std::tuple{64, 300}, std::tuple{2000, 100}));

}  // namespace
}  // namespace gpen::face
