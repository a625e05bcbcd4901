#include "kernels/winograd.h"

#include <algorithm>

namespace gpen::kernels {

std::vector<TileRange> CutIntoTileRanges(int height, int width, int threads) {
  // Weights are read once for each range: the more tiles, the fewer bytes for each product.
  constexpr int kTiles = 36;
  const int tile_rows = height / kWinogradOutputs;
  const int tile_columns = width / kWinogradOutputs;
  const int fair = std::max(1, tile_rows * tile_columns / threads);
  const int tiles = std::min(kTiles, fair);
  const int columns = std::min(tile_columns, tiles);
  const int rows = std::clamp(tiles / columns, 1, tile_rows);
  std::vector<TileRange> ranges;
  for (int y = 0; y < tile_rows; y += rows) {
    for (int x = 0; x < tile_columns; x += columns) {
      ranges.push_back({y, std::min(rows, tile_rows - y), x, std::min(columns, tile_columns - x)});
    }
  }
  return ranges;
}

}  // namespace gpen::kernels
