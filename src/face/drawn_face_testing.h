// A face of which only the points are placed that masks read. For tests.
#pragma once

#include <cmath>
#include <numbers>

#include "face/landmarks.h"

namespace gpen::face {

/// Egg-shaped, in the middle of a crop of 256 pixels.
inline Landmarks DrawnFace() {
  Landmarks landmarks = {};
  for (std::size_t i = 0; i <= 16; ++i) {
    const double angle = std::numbers::pi * (1 - static_cast<double>(i) / 16);
    landmarks[i] = {128 + 62 * std::cos(angle), 120 + 90 * std::sin(angle)};
  }
  for (std::size_t i = 17; i <= 26; ++i) {
    landmarks[i] = {80 + (static_cast<double>(i) - 17) * 96 / 9, 100};
  }
  landmarks[27] = {128, 112};
  return landmarks;
}

}  // namespace gpen::face
