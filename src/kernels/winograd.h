// Winograd's convolution F(4x4, 3x3): how a map is cut into tiles of 4x4 outputs.
#pragma once

#include <vector>

namespace gpen::kernels {

inline constexpr int kWinogradOutputs = 4;  // In each direction.
inline constexpr int kWinogradInputs = kWinogradOutputs + 2;
inline constexpr int kWinogradProducts = kWinogradInputs * kWinogradInputs;

/// A rectangle of tiles.
struct TileRange {
  int first_row = 0;
  int rows = 0;
  int first_column = 0;
  int columns = 0;
};

/// Ranges of about as many tiles as the cache holds, enough of them for all threads.
std::vector<TileRange> CutIntoTileRanges(int height, int width, int threads);

}  // namespace gpen::kernels
