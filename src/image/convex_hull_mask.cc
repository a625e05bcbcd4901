#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "image/resample.h"

namespace gpen {
namespace {

/// Positive where `c` is to the right of the way from `a` to `b`, on a screen whose y points down.
double Turn(Point a, Point b, Point c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/// The hull's corners, clockwise on screen (Andrew's monotone chain).
std::vector<Point> ConvexHull(std::span<const Point> points) {
  std::vector<Point> sorted(points.begin(), points.end());
  std::sort(sorted.begin(), sorted.end(),
            [](Point a, Point b) { return a.x < b.x || (a.x == b.x && a.y < b.y); });
  std::vector<Point> hull;
  const auto add = [&](Point point, std::size_t start) {
    while (hull.size() >= start + 2 && Turn(hull[hull.size() - 2], hull.back(), point) <= 0) {
      hull.pop_back();
    }
    hull.push_back(point);
  };
  for (const Point point : sorted) add(point, 0);
  const std::size_t start = hull.size() - 1;
  for (auto point = sorted.rbegin() + 1; point < sorted.rend(); ++point) add(*point, start);
  hull.pop_back();  // The first once more.
  return hull;
}

/// How far inside of a hull's edge the pixels of a row lie.
struct Edge {
  double at_start;  // Pixel 0.
  double per_pixel;
  double per_row;
};

/// For row 0.
std::vector<Edge> EdgesOf(const std::vector<Point>& hull) {
  std::vector<Edge> edges;
  for (std::size_t i = 0; i < hull.size(); ++i) {
    const Point a = hull[i];
    const Point along = hull[(i + 1) % hull.size()] - a;
    const double length = Length(along);
    edges.push_back(
        {(along.y * a.x - along.x * a.y) / length, -along.y / length, along.x / length});
  }
  return edges;
}

/// Half-open range of the pixels of a row of which every edge is at least `distance` away.
struct Inside {
  Inside(std::span<const Edge> edges, double distance, int width) : end(width) {
    for (const Edge& edge : edges) {
      const double missing = distance - edge.at_start;
      if (edge.per_pixel == 0) {
        if (missing > 0) end = 0;
        continue;
      }
      const double reached = std::clamp(missing / edge.per_pixel, -1.0, 1.0 * width);
      if (edge.per_pixel > 0) {
        begin = std::max(begin, static_cast<int>(std::ceil(reached)));
      } else {
        end = std::min(end, static_cast<int>(std::floor(reached)) + 1);
      }
    }
    begin = std::min(begin, end);
  }

  int begin = 0;
  int end;
};

/// How much of a pixel the hull covers, by its distance from the nearest edge: a pixel through
/// whose centre an edge runs is half covered.
float Covered(std::span<const Edge> edges, int x) {
  double distance = 0.5;
  for (const Edge& edge : edges) {
    distance = std::min(distance, edge.at_start + edge.per_pixel * x);
  }
  return static_cast<float>(std::max(0.0, distance + 0.5));
}

}  // namespace

Image ConvexHullMask(std::span<const Point> points, int width, int height) {
  Image mask(width, height, 1, SampleType::kF32);
  const std::vector<Point> hull = ConvexHull(points);
  const bool has_area = hull.size() > 2;
  std::vector<Edge> edges = EdgesOf(hull);
  for (int y = 0; y < height; ++y) {
    float* row = mask.Row<float>(y);
    std::fill_n(row, width, 0.0F);
    if (!has_area) continue;
    const Inside touched(edges, -0.5, width);
    const Inside whole(edges, 0.5, width);
    const bool any_whole = whole.begin < whole.end;
    const int left = any_whole ? whole.begin : touched.end;
    for (int x = touched.begin; x < left; ++x) row[x] = Covered(edges, x);
    if (any_whole) {
      std::fill(row + whole.begin, row + whole.end, 1.0F);
      for (int x = whole.end; x < touched.end; ++x) row[x] = Covered(edges, x);
    }
    for (Edge& edge : edges) edge.at_start += edge.per_row;
  }
  return mask;
}

}  // namespace gpen
