#include "restore/strokes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "restore/number_lists.h"

namespace gpen::restore {
namespace {

// The pixels of a row from the first to the last, as far as they are in it.
struct Interval {
  double first = std::numeric_limits<double>::infinity();
  double last = -std::numeric_limits<double>::infinity();

  void Include(double from, double to) {
    if (from > to) return;
    first = std::min(first, from);
    last = std::max(last, to);
  }
};

// Where origin + slope * x is between `least` and `most`.
Interval Between(double origin, double slope, double least, double most) {
  constexpr double kEverywhere = 4 * kMostNumber;
  Interval found;
  if (std::abs(slope) < 1e-12) {
    if (origin >= least && origin <= most) found.Include(-kEverywhere, kEverywhere);
  } else {
    const double one = (least - origin) / slope;
    const double other = (most - origin) / slope;
    found.Include(std::min(one, other), std::max(one, other));
  }
  return found;
}

// Of row `y`, what is at most `radius` from the straight line between two points. That is convex,
// so that one interval holds what lies about either end and what lies between.
Interval Covered(Point from, Point to, double radius, double y) {
  Interval covered;
  for (const Point end : {from, to}) {
    const double height = y - end.y;
    const double half = std::sqrt(std::max(radius * radius - height * height, 0.0));
    if (std::abs(height) <= radius) covered.Include(end.x - half, end.x + half);
  }
  const Point way = to - from;
  const double length = Length(way);
  if (length == 0) return covered;
  const Point ahead = way * (1 / length);
  // How far along the line a point of the row lies, and how far beside it.
  const auto along = Between((y - from.y) * ahead.y - from.x * ahead.x, ahead.x, 0, length);
  const auto beside = Between((y - from.y) * ahead.x + from.x * ahead.y, -ahead.y, -radius, radius);
  covered.Include(std::max(along.first, beside.first), std::min(along.last, beside.last));
  return covered;
}

void DrawLine(Point from, Point to, double radius, std::uint8_t value, Image* mask) {
  const double bottom = mask->height() - 1;
  const double right = mask->width() - 1;
  const auto first =
      static_cast<int>(std::clamp(std::ceil(std::min(from.y, to.y) - radius), 0.0, bottom + 1));
  const auto last =
      static_cast<int>(std::clamp(std::floor(std::max(from.y, to.y) + radius), -1.0, bottom));
  for (int y = first; y <= last; ++y) {
    const Interval covered = Covered(from, to, radius, y);
    const double begin = std::max(std::ceil(covered.first), 0.0);
    const double end = std::min(std::floor(covered.last), right);
    if (begin > end) continue;
    auto* row = mask->Row<std::uint8_t>(y);
    std::fill(row + static_cast<int>(begin), row + static_cast<int>(end) + 1, value);
  }
}

}  // namespace

std::size_t CountPoints(const std::vector<Stroke>& strokes) {
  std::size_t count = 0;
  for (const auto& stroke : strokes) count += stroke.points.size();
  return count;
}

std::optional<std::vector<Stroke>> ParseStrokes(std::string_view text) {
  const auto lists = ParseNumberLists(text);
  if (!lists) return std::nullopt;
  std::vector<Stroke> strokes;
  for (const auto& list : *lists) {
    if (list.size() < 3 || list.size() % 2 == 0) return std::nullopt;
    Stroke stroke{list[0], {}};
    if (stroke.width <= 0 || stroke.width > kWidestStroke) return std::nullopt;
    for (std::size_t i = 1; i < list.size(); i += 2) {
      stroke.points.push_back({list[i], list[i + 1]});
    }
    strokes.push_back(std::move(stroke));
  }
  return strokes;
}

std::string FormatStrokes(const std::vector<Stroke>& strokes) {
  std::vector<std::vector<double>> lists;
  for (const auto& stroke : strokes) {
    auto& list = lists.emplace_back(1, stroke.width);
    for (const Point point : stroke.points) list.insert(list.end(), {point.x, point.y});
  }
  return FormatNumberLists(lists);
}

void DrawStrokes(const std::vector<Stroke>& strokes, std::uint8_t value, Image* mask) {
  // From the middle of a pixel to its corner: thinner strokes would pass between the centres.
  constexpr double kLeastRadius = 0.71;
  for (const auto& stroke : strokes) {
    const double radius = std::max(stroke.width / 2, kLeastRadius);
    for (std::size_t i = 0; i < stroke.points.size(); ++i) {
      DrawLine(stroke.points[i > 0 ? i - 1 : 0], stroke.points[i], radius, value, mask);
    }
  }
}

}  // namespace gpen::restore
