#include "restore/blur.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "image/resample.h"
#include "restore/luma_levels.h"

namespace gpen::restore {
namespace {

// A straight edge that a blur of deviation s has passed over, blurred once more by kLess and by
// kMore, is so much steeper in the one than in the other that s follows (Zhuo and Sim, 2011).
constexpr double kLess = 1;
constexpr double kMore = 2;

constexpr int kTile = 128;
constexpr int kMostTiles = 12;  // Each way.
constexpr int kLeastSide = 32;
constexpr int kBorder = 4;          // Pixels of a tile, which the blurs see mirrored.
constexpr float kLeastStep = 4;     // Levels from pixel to pixel.
constexpr double kStrongest = 0.2;  // Of the edges.
constexpr std::size_t kLeastEdges = 50;
constexpr double kSharpest = 1e-3;  // Keeps what is sharper than any edge from dividing by nothing.
constexpr double kMostBlur = 10;

struct Edge {
  float step;  // Levels from pixel to pixel, after kLess.
  float ratio;
};

// Of a picture at a pixel: its slope across and down, in levels.
struct Slope {
  float x;
  float y;
  float size() const { return std::hypot(x, y); }
};

Slope SlopeAt(const Image& levels, int x, int y) {
  const float* row = levels.Row<float>(y);
  return {(row[x + 1] - row[x - 1]) / 2,
          (levels.Row<float>(y + 1)[x] - levels.Row<float>(y - 1)[x]) / 2};
}

void AddEdges(ImageView photo, const Rect& tile, std::vector<Edge>* edges) {
  const Image levels = LumaLevels(photo, tile);
  const Image less = GaussianBlur(levels.view(), kLess);
  const Image more = GaussianBlur(levels.view(), kMore);
  for (int y = kBorder; y < tile.height - kBorder; ++y) {
    for (int x = kBorder; x < tile.width - kBorder; ++x) {
      const Slope slope = SlopeAt(less, x, y);
      const float step = slope.size();
      if (step < kLeastStep) continue;
      // The steepest place of the edge, along the axis that crosses it.
      const bool is_upright = std::fabs(slope.x) >= std::fabs(slope.y);
      const int dx = is_upright ? 1 : 0;
      const int dy = is_upright ? 0 : 1;
      if (SlopeAt(less, x - dx, y - dy).size() > step) continue;
      if (SlopeAt(less, x + dx, y + dy).size() >= step) continue;
      edges->push_back({step, step / std::max(SlopeAt(more, x, y).size(), 1e-3F)});
    }
  }
}

double BlurOf(const Edge& edge) {
  const double square = double{edge.ratio} * edge.ratio;
  const double blur = (kMore * kMore - square * kLess * kLess) / std::max(square - 1, kSharpest);
  return std::min(std::sqrt(std::max(blur, 0.0)), kMostBlur);
}

}  // namespace

std::optional<double> MeasureBlur(ImageView photo) {
  if (std::min(photo.width(), photo.height()) < kLeastSide) return std::nullopt;
  std::vector<Edge> edges;
  for (const Rect& tile : SpreadTiles(photo, kTile, kMostTiles)) AddEdges(photo, tile, &edges);
  if (edges.size() < kLeastEdges) return std::nullopt;
  const auto strong = std::max(
      kLeastEdges, static_cast<std::size_t>(kStrongest * static_cast<double>(edges.size())));
  const auto end = edges.begin() + static_cast<std::ptrdiff_t>(strong);
  std::ranges::nth_element(edges, end - 1, std::greater(), &Edge::step);
  const auto middle = edges.begin() + static_cast<std::ptrdiff_t>(strong / 2);
  std::ranges::nth_element(edges.begin(), middle, end, {}, &Edge::ratio);
  return BlurOf(*middle);
}

}  // namespace gpen::restore
