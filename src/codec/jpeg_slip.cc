#include "codec/jpeg_slip.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace gpen::codec {
namespace {

using Steps = std::span<const float>;

constexpr float kLeastSlip = 4.0F;  // Levels of 255.
constexpr float kAlike = 0.35F;     // Share of the slip by which a step may differ from it.
constexpr float kAgreeing = 0.6F;   // Share of the steps along the slip that must be alike.
constexpr float kMostStep = 40.0F;  // A step counts for no more in the search.
constexpr int kMostPlaces = 8;      // That are looked at for each channel.
constexpr int kLeastRows = 4, kLeastColumns = 8;

float Median(Steps steps, std::vector<float>* room) {
  if (steps.empty()) return 0;
  room->assign(steps.begin(), steps.end());
  const auto middle = room->begin() + static_cast<std::ptrdiff_t>(room->size() / 2);
  std::nth_element(room->begin(), middle, room->end());
  return *middle;
}

// The steps into the units below: entry (row - 1) * columns + column is that from the unit above.
std::vector<float> StepsOfUnits(const ScanBlocks& blocks) {
  const int columns = blocks.columns / blocks.unit_columns;
  const int rows = blocks.rows / blocks.unit_rows;
  std::vector<float> steps;
  steps.reserve(static_cast<std::size_t>(std::max(rows - 1, 0)) *
                static_cast<std::size_t>(columns));
  for (int row = 1; row < rows; ++row) {
    const float* step = blocks.step_down.data() +
                        static_cast<std::ptrdiff_t>(row) * blocks.unit_rows * blocks.columns;
    for (int column = 0; column < columns; ++column) {
      float sum = 0;
      for (int i = 0; i < blocks.unit_columns; ++i) sum += *step++;
      steps.push_back(sum / static_cast<float>(blocks.unit_columns));
    }
  }
  return steps;
}

// Where a row's length of steps may be a slip that begins in the middle of a row: it goes on in
// the next row's left part. The largest means first.
std::vector<std::size_t> LikelyPlaces(Steps steps, std::size_t columns) {
  const std::size_t margin = std::max<std::size_t>(kLeastColumns / 2, columns / 10);
  struct Place {
    float mean;
    std::size_t first;
  };
  std::vector<Place> places;
  float sum = 0;
  const auto counted = [&](std::size_t i) { return std::clamp(steps[i], -kMostStep, kMostStep); };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    sum += counted(i);
    if (i + 1 < columns) continue;
    const std::size_t first = i + 1 - columns;
    const std::size_t column = first % columns;
    const float mean = std::abs(sum) / static_cast<float>(columns);
    sum -= counted(first);
    if (column < margin || column > columns - margin || mean < kLeastSlip / 2) continue;
    places.push_back({mean, first});
  }
  const auto kept = std::min<std::size_t>(places.size(), kMostPlaces);
  std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(kept),
                    places.end(), [](const Place& a, const Place& b) { return a.mean > b.mean; });
  std::vector<std::size_t> first;
  for (std::size_t i = 0; i < kept; ++i) first.push_back(places[i].first);
  return first;
}

// Steps of the same height all along, and quiet on all sides.
bool IsSlip(Steps steps, std::size_t first, std::size_t columns) {
  std::vector<float> room;
  const auto part = [&](std::size_t begin, std::size_t end) {
    return Median(steps.subspan(std::min(begin, steps.size()),
                                std::min(end, steps.size()) - std::min(begin, steps.size())),
                  &room);
  };
  const std::size_t end = first + columns;
  const float slip = part(first, end);
  if (std::abs(slip) < kLeastSlip) return false;
  const auto is_alike = [slip](float step) {
    return std::abs(step - slip) < std::abs(slip) * kAlike + 1;
  };
  const auto alike = std::ranges::count_if(steps.subspan(first, columns), is_alike);
  if (static_cast<float>(alike) < kAgreeing * static_cast<float>(columns)) return false;
  const std::size_t row_end = first - first % columns + columns;
  if (!is_alike(part(first, row_end)) || !is_alike(part(row_end, end))) return false;
  const auto is_quiet = [&](std::size_t from, std::size_t to) {
    return std::abs(part(from, to)) < std::abs(slip) * kAlike;
  };
  return is_quiet(row_end - columns, first) && is_quiet(end, row_end + columns) &&
         is_quiet(first - std::min(first, columns), first) && is_quiet(end, end + columns);
}

}  // namespace

bool ColorsSlip(const Scan& scan) {
  for (const ScanBlocks& blocks : scan.components) {
    const auto columns = static_cast<std::size_t>(blocks.columns / blocks.unit_columns);
    if (blocks.rows / blocks.unit_rows < kLeastRows || columns < kLeastColumns) return false;
    const std::vector<float> steps = StepsOfUnits(blocks);
    for (const std::size_t first : LikelyPlaces(steps, columns)) {
      if (IsSlip(steps, first, columns)) return true;
    }
  }
  return false;
}

}  // namespace gpen::codec
