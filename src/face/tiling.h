// The tiles in which a picture is searched: UltraFace knows faces of a few sizes, so the picture is
// searched at several sizes, each cut into overlapping tiles that are searched side by side.
#pragma once

#include <vector>

#include "image/image.h"

namespace gpen::face {

struct Tile {
  int level = 0;            ///< Index into Tiling::levels.
  Rect area;                ///< In pixels of the level.
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

/// The most pixels of a tile in each direction: a few for each thread, so that all have work and
/// flat ones can be left out, and no more, since what overlaps is searched twice.
inline constexpr int kMostTileWidth = 1024;
inline constexpr int kMostTileHeight = 512;
/// By so much tiles overlap at least: a face that is larger lies whole in a tile of a smaller
/// level.
inline constexpr int kTileOverlap = 80;

/// Full size, halves of it while they exceed `least_width` x `least_height`, and last the whole
/// picture fitted into that.
Tiling CutIntoTiles(int width, int height, int least_width, int least_height);

/// `area` cut into nearly equal parts of at most `most_width` x `most_height`, which overlap by
/// kTileOverlap.
std::vector<Rect> CutIntoParts(const Rect& area, int most_width, int most_height);

}  // namespace gpen::face
