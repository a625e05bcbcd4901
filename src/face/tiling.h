// The tiles in which a picture is searched: UltraFace sees 320x240 pixels at a time, so the picture
// is cut into overlapping tiles at several sizes.
#pragma once

#include <vector>

#include "image/affine.h"

namespace gpen::face {

struct Tile {
  int level = 0;            ///< Index into Tiling::levels.
  Affine level_from_tile;   ///< A shift, in pixels of the level.
  bool inner_left = false;  ///< The picture goes on beyond this edge: faces there may be cut.
  bool inner_top = false;
  bool inner_right = false;
  bool inner_bottom = false;
};

struct Level {
  int width = 0;
  int height = 0;
};

struct Tiling {
  std::vector<Level> levels;  ///< Largest first; the last fits into one tile.
  std::vector<Tile> tiles;
};

/// Full size, halves of it while they exceed a tile, and last the whole picture in one tile. Tiles
/// overlap by at least a quarter.
Tiling CutIntoTiles(int width, int height, int tile_width, int tile_height);

}  // namespace gpen::face
