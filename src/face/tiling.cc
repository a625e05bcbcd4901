#include "face/tiling.h"

#include <algorithm>
#include <cmath>

namespace gpen::face {
namespace {

struct Interval {
  int start;
  int length;
};

// Nearly equal intervals of at most `most` that cover `size` and overlap by kTileOverlap.
std::vector<Interval> Cut(int size, int most) {
  if (size <= most) return {{0, size}};
  const int step = most - kTileOverlap;
  const int count = (size - kTileOverlap + step - 1) / step;
  std::vector<Interval> intervals;
  for (int i = 0; i < count; ++i) {
    const int start = (size - kTileOverlap) * i / count;
    const int end = (size - kTileOverlap) * (i + 1) / count + kTileOverlap;
    intervals.push_back({start, end - start});
  }
  return intervals;
}

}  // namespace

std::vector<Rect> CutIntoParts(const Rect& area, int most_width, int most_height) {
  std::vector<Rect> parts;
  for (const Interval& rows : Cut(area.height, most_height)) {
    for (const Interval& columns : Cut(area.width, most_width)) {
      parts.push_back(
          {area.left + columns.start, area.top + rows.start, columns.length, rows.length});
    }
  }
  return parts;
}

Tiling CutIntoTiles(int width, int height, int least_width, int least_height) {
  Tiling tiling;
  for (Level level = {width, height}; level.width > least_width || level.height > least_height;
       level = {(level.width + 1) / 2, (level.height + 1) / 2}) {
    tiling.levels.push_back(level);
  }
  const double fit = std::min(1.0 * least_width / width, 1.0 * least_height / height);
  tiling.levels.push_back({std::max(1, static_cast<int>(std::lround(width * fit))),
                           std::max(1, static_cast<int>(std::lround(height * fit)))});
  for (int index = 0; index < static_cast<int>(tiling.levels.size()); ++index) {
    const Level& level = tiling.levels[static_cast<std::size_t>(index)];
    for (const Rect& area :
         CutIntoParts({0, 0, level.width, level.height}, kMostTileWidth, kMostTileHeight)) {
      Tile tile;
      tile.level = index;
      tile.area = area;
      tile.inner_left = area.left > 0;
      tile.inner_top = area.top > 0;
      tile.inner_right = area.right() < level.width;
      tile.inner_bottom = area.bottom() < level.height;
      tiling.tiles.push_back(tile);
    }
  }
  return tiling;
}

}  // namespace gpen::face
