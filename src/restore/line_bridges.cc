#include "restore/line_bridges.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "image/affine.h"
#include "restore/mask_place.h"
#include "restore/repair_mask.h"

namespace gpen::restore {
namespace {

constexpr double kLeastLength = 12;      // Pixels: of a line.
constexpr double kLeastSlenderness = 4;  // Its length in multiples of its width.
constexpr double kEnd = 32;              // Pixels of its end by which its direction is told.
constexpr double kLongestGap = 200;      // Pixels.
constexpr double kAside = 2;             // Pixels that an end may lie beside the other's direction,
constexpr double kAsidePerPixel = 0.04;  // and so many more for each pixel of the gap.
constexpr double kTurn = 24;             // Of 255: what a step aside costs on the way across.

// A picture with more lines is a drawing or a pattern; each end is compared with all others.
constexpr std::size_t kMostEnds = 8000;

struct End {
  std::size_t line;
  Point at;
  Point outward;  // Of length 1.
};

struct Line {
  std::vector<Pixel> pixels;
  double length;
  double width;
  bool is_marked;
};

double Dot(Point a, Point b) { return a.x * b.x + a.y * b.y; }
double Cross(Point a, Point b) { return a.x * b.y - a.y * b.x; }

// The direction in which most of the pixels lie, and their middle.
void FitLine(const std::vector<Pixel>& pixels, Point* middle, Point* direction) {
  const auto count = static_cast<double>(pixels.size());
  *middle = {0, 0};
  for (const auto& p : pixels) *middle = *middle + Point{p.x / count, p.y / count};
  double xx = 0;
  double xy = 0;
  double yy = 0;
  for (const auto& p : pixels) {
    const Point d = Point{1.0 * p.x, 1.0 * p.y} - *middle;
    xx += d.x * d.x;
    xy += d.x * d.y;
    yy += d.y * d.y;
  }
  const double angle = std::atan2(2 * xy, xx - yy) / 2;
  *direction = {std::cos(angle), std::sin(angle)};
}

// The end of a line in the direction of `way`, which is one of its two.
End EndOf(const Line& line, std::size_t index, Point middle, Point way) {
  double farthest = -std::numeric_limits<double>::infinity();
  const auto along = [&](const Pixel& p) { return Dot(Point{1.0 * p.x, 1.0 * p.y} - middle, way); };
  for (const auto& p : line.pixels) farthest = std::max(farthest, along(p));
  std::vector<Pixel> last;
  std::ranges::copy_if(line.pixels, std::back_inserter(last),
                       [&](const Pixel& p) { return along(p) > farthest - kEnd; });
  Point center;
  Point outward;
  FitLine(last, &center, &outward);
  if (Dot(outward, way) < 0) outward = outward * -1.0;
  const double reach = farthest - Dot(center - middle, way);
  return {index, center + outward * reach, outward};
}

// Adds the place where it is a line.
void AddLine(std::vector<Pixel> pixels, bool is_marked, std::vector<Line>* lines,
             std::vector<End>* ends) {
  if (static_cast<double>(pixels.size()) < kLeastLength) return;
  Point middle;
  Point way;
  FitLine(pixels, &middle, &way);
  double low = 0;
  double high = 0;
  for (const auto& p : pixels) {
    const double along = Dot(Point{1.0 * p.x, 1.0 * p.y} - middle, way);
    low = std::min(low, along);
    high = std::max(high, along);
  }
  const double length = high - low + 1;
  const double width = static_cast<double>(pixels.size()) / length;
  if (length < kLeastLength || length < kLeastSlenderness * width) return;
  lines->push_back({std::move(pixels), length, width, is_marked});
  const std::size_t index = lines->size() - 1;
  ends->push_back(EndOf(lines->back(), index, middle, way));
  ends->push_back(EndOf(lines->back(), index, middle, way * -1.0));
}

// Marks a way from `from` to `to`, never more than `most` pixels beside the straight one, along
// the surest pixels.
void MarkWay(ImageView sure, Point from, Point to, double most, double width, Image* mask) {
  const double length = Length(to - from);
  const int steps = std::max(1, static_cast<int>(std::ceil(length)));
  const Point along = (to - from) * (1.0 / steps);
  const Point aside = Point{-along.y, along.x} * (1.0 / Length(along));
  const int reach = static_cast<int>(most);
  const int lanes = 2 * reach + 1;
  const auto at = [&](int step, int lane) {
    const Point p = from + along * (1.0 * step) + aside * (1.0 * (lane - reach));
    return Pixel{static_cast<int>(std::lround(p.x)), static_cast<int>(std::lround(p.y))};
  };
  const auto holds = [&](const Pixel& p) {
    return p.x >= 0 && p.y >= 0 && p.x < sure.width() && p.y < sure.height();
  };
  constexpr double kNever = -1e9;
  std::vector<double> best(static_cast<std::size_t>(lanes), kNever);
  best[static_cast<std::size_t>(reach)] = 0;
  std::vector<std::vector<int>> came;  // From which lane, by step and lane.
  for (int step = 1; step <= steps; ++step) {
    std::vector<double> next(best.size(), kNever);
    auto& lane_before = came.emplace_back(best.size(), reach);
    for (int lane = 0; lane < lanes; ++lane) {
      const auto to_lane = static_cast<std::size_t>(lane);
      for (int before = std::max(lane - 1, 0); before <= std::min(lane + 1, lanes - 1); ++before) {
        const double value = best[static_cast<std::size_t>(before)] - (before == lane ? 0 : kTurn);
        if (value <= next[to_lane]) continue;
        next[to_lane] = value;
        lane_before[to_lane] = before;
      }
      const Pixel p = at(step, lane);
      if (holds(p)) next[to_lane] += sure.Row<std::uint8_t>(p.y)[p.x];
    }
    best = std::move(next);
  }
  const int half = std::max(0, static_cast<int>(std::lround((width - 1) / 2)));
  int lane = reach;
  for (int step = steps; step >= 1; --step) {
    const Pixel middle = at(step, lane);
    for (int y = middle.y - half; y <= middle.y + half; ++y) {
      for (int x = middle.x - half; x <= middle.x + half; ++x) {
        if (holds({x, y})) mask->Row<std::uint8_t>(y)[x] = kMarked;
      }
    }
    lane = came[static_cast<std::size_t>(step - 1)][static_cast<std::size_t>(lane)];
  }
}

double AsideOver(double gap) { return kAside + kAsidePerPixel * gap; }

// Whether `other` lies in front of `end`, and it in front of `other`.
bool Meet(const End& end, const Line& line, const End& other, const Line& other_line) {
  const Point gap = other.at - end.at;
  const double length = Length(gap);
  if (length > std::min(kLongestGap, line.length + other_line.length)) return false;
  const double aside = AsideOver(length);
  if (Dot(end.outward, gap) <= 0 || std::abs(Cross(end.outward, gap)) > aside) return false;
  // The direction of a short line is not told well.
  const double room = other_line.length < kEnd ? 2 * aside : aside;
  return Dot(other.outward, gap) < 0 && std::abs(Cross(other.outward, gap)) <= room;
}

}  // namespace

void BridgeLines(ImageView sure, Image* mask) {
  Image seen = EmptyMask(mask->width(), mask->height());
  const auto is_new = [&](const Pixel& p) {
    auto& is_seen = seen.Row<std::uint8_t>(p.y)[p.x];
    if (is_seen != 0 || mask->Row<std::uint8_t>(p.y)[p.x] == 0) return false;
    is_seen = 1;
    return true;
  };
  std::vector<Line> lines;
  std::vector<End> ends;
  for (int y = 0; y < mask->height(); ++y) {
    const auto* row = mask->Row<std::uint8_t>(y);
    for (int x = 0; x < mask->width(); ++x) {
      if (!is_new({x, y})) continue;
      std::vector<Pixel> place;
      TakePlace(mask->width(), mask->height(), {x, y}, is_new, &place);
      AddLine(std::move(place), row[x] == kMarked, &lines, &ends);
    }
  }
  if (ends.size() > kMostEnds) return;
  // A line that comes to be marked may lead on to another.
  std::vector<bool> is_met(ends.size(), false);
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (is_met[i] || !lines[ends[i].line].is_marked) continue;
      std::size_t nearest = i;
      double distance = std::numeric_limits<double>::infinity();
      for (std::size_t j = 0; j < ends.size(); ++j) {
        if (is_met[j] || ends[j].line == ends[i].line) continue;
        const double gap = Length(ends[j].at - ends[i].at);
        if (gap >= distance || !Meet(ends[i], lines[ends[i].line], ends[j], lines[ends[j].line])) {
          continue;
        }
        nearest = j;
        distance = gap;
      }
      if (nearest == i) continue;
      Line& other = lines[ends[nearest].line];
      MarkWay(sure, ends[i].at, ends[nearest].at, AsideOver(distance),
              std::max(lines[ends[i].line].width, other.width), mask);
      is_met[i] = is_met[nearest] = true;
      if (other.is_marked) continue;
      other.is_marked = true;
      again = true;
      for (const auto& p : other.pixels) mask->Row<std::uint8_t>(p.y)[p.x] = kMarked;
    }
  }
}

}  // namespace gpen::restore
