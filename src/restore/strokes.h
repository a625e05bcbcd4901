// Strokes that a person draws on a photo, as with a brush.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/affine.h"
#include "image/image.h"

namespace gpen::restore {

inline constexpr double kWidestStroke = 400;
/// Of all strokes on one photo together.
inline constexpr std::size_t kMostStrokePoints = 2000;

struct Stroke {
  double width = 0;           ///< In pixels, above 0 and up to kWidestStroke.
  std::vector<Point> points;  ///< Straight from one to the next; one alone is a dot.
};

std::size_t CountPoints(const std::vector<Stroke>& strokes);

/// "WIDTH,X,Y,X,Y", several with a semicolon between them, in pixels of the upright photo. Nothing
/// where it is not that.
std::optional<std::vector<Stroke>> ParseStrokes(std::string_view text);

/// What ParseStrokes() reads; empty where there are none.
std::string FormatStrokes(const std::vector<Stroke>& strokes);

/// Sets the pixels of `mask` (kU8, one channel) whose centres lie under the strokes to `value`; at
/// least those that a stroke passes through are. What lies beyond the mask is left out.
void DrawStrokes(const std::vector<Stroke>& strokes, std::uint8_t value, Image* mask);

}  // namespace gpen::restore
