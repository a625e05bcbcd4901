#include "face/tiling.h"

#include <algorithm>
#include <cmath>

namespace gpen::face {
namespace {

// Starts of tiles of length `tile` that cover `size` with a quarter of overlap, evenly spread.
std::vector<int> Starts(int size, int tile) {
  if (size <= tile) return {0};
  const int step = tile * 3 / 4;
  const int steps = (size - tile + step - 1) / step;
  std::vector<int> starts;
  for (int i = 0; i <= steps; ++i) starts.push_back((size - tile) * i / steps);
  return starts;
}

}  // namespace

Tiling CutIntoTiles(int width, int height, int tile_width, int tile_height) {
  Tiling tiling;
  for (Level level = {width, height}; level.width > tile_width || level.height > tile_height;
       level = {(level.width + 1) / 2, (level.height + 1) / 2}) {
    tiling.levels.push_back(level);
  }
  const double fit = std::min(1.0 * tile_width / width, 1.0 * tile_height / height);
  tiling.levels.push_back({std::max(1, static_cast<int>(std::lround(width * fit))),
                           std::max(1, static_cast<int>(std::lround(height * fit)))});
  for (int index = 0; index < static_cast<int>(tiling.levels.size()); ++index) {
    const Level& level = tiling.levels[static_cast<std::size_t>(index)];
    for (const int top : Starts(level.height, tile_height)) {
      for (const int left : Starts(level.width, tile_width)) {
        Tile tile;
        tile.level = index;
        tile.level_from_tile = Translation({1.0 * left, 1.0 * top});
        tile.inner_left = left > 0;
        tile.inner_top = top > 0;
        tile.inner_right = left + tile_width < level.width;
        tile.inner_bottom = top + tile_height < level.height;
        tiling.tiles.push_back(tile);
      }
    }
  }
  return tiling;
}

}  // namespace gpen::face
