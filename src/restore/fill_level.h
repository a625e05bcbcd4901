// Colours that are known in some pixels, and in the others are filled from them: from the finest
// reduction to a half, a quarter and so on in which something about them is left, without a step.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "image/image.h"

namespace gpen::restore {

inline constexpr int kFillColors = 3;
inline constexpr int kFillLevels = 6;  ///< Of a half each.

/// Colours times weight, and the weight: 1 where a pixel is known, 0 where it is not.
using Known = std::array<float, kFillColors + 1>;

struct FillLevel {
  int width = 0;
  int height = 0;
  std::vector<Known> pixels = {};

  FillLevel(int wide, int high)
      : width(wide),
        height(high),
        pixels(static_cast<std::size_t>(wide) * static_cast<std::size_t>(high)) {}
  Known& At(int x, int y) {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
  const Known& At(int x, int y) const { return const_cast<FillLevel*>(this)->At(x, y); }
  bool Knows(int x, int y) const {
    return x >= 0 && y >= 0 && x < width && y < height && At(x, y)[kFillColors] > 0;
  }
};

/// `rect` and `by` pixels more on every side, within `bounds`.
inline Rect Grown(const Rect& rect, int by, const Rect& bounds) {
  return Intersect({rect.left - by, rect.top - by, rect.width + 2 * by, rect.height + 2 * by},
                   bounds);
}

/// Afterwards every pixel is known. False, and nothing is changed, where none was.
bool FillUnknown(FillLevel* level);

}  // namespace gpen::restore
