// The pixels of one place in a mask: those that hang together, diagonally too.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gpen::restore {

struct Pixel {
  int x;
  int y;
};

/// Puts `from` and all pixels that hang together with it into `place`. `takes(pixel)`: whether a
/// pixel next to one of them belongs to them; it is asked again unless it notes what it took.
template <typename Takes>
void TakePlace(int width, int height, Pixel from, const Takes& takes, std::vector<Pixel>* place) {
  place->assign(1, from);
  for (std::size_t i = 0; i < place->size(); ++i) {
    const Pixel at = (*place)[i];
    for (int y = std::max(at.y - 1, 0); y <= std::min(at.y + 1, height - 1); ++y) {
      for (int x = std::max(at.x - 1, 0); x <= std::min(at.x + 1, width - 1); ++x) {
        if (takes(Pixel{x, y})) place->push_back({x, y});
      }
    }
  }
}

}  // namespace gpen::restore
