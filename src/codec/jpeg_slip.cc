#include "codec/jpeg_slip.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace gpen::codec {
namespace {

using Steps = std::span<const float>;

constexpr float kLeastSlip = 2.0F;    // Levels of 255.
constexpr float kLeastQuanta = 1.9F;  // Of the coded means. A sky in steps of one has such edges.
constexpr float kLeastNoise = 12.0F;  // Times what the steps differ by chance, over a row's root.
constexpr float kAlike = 0.35F;       // Share of the slip by which a step may differ from it.
constexpr float kSteady = 3.5F;       // Times the half of the steps differ from the slip by.
constexpr float kAgreeing = 0.6F;     // Share of the steps along the slip that must be alike.
constexpr float kMostStep = 40.0F;    // A step counts for no more in the search.
constexpr std::size_t kMargin = 2;    // Units in a row before a slip and behind it.
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

// The mean of a row's length of steps, from each on.
std::vector<float> MeansOfRows(Steps steps, std::size_t columns) {
  std::vector<float> means;
  float sum = 0;
  const auto counted = [&](std::size_t i) { return std::clamp(steps[i], -kMostStep, kMostStep); };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    sum += counted(i);
    if (i + 1 < columns) continue;
    means.push_back(sum / static_cast<float>(columns));
    sum -= counted(i + 1 - columns);
  }
  return means;
}

// Where a row's length of steps may be a slip that begins in the middle of a row: it goes on in
// the next row's left part. There the mean is a peak that falls off on both sides.
std::vector<std::size_t> LikelyPlaces(Steps steps, std::size_t columns, float least) {
  constexpr std::ptrdiff_t kNear = 2;
  const std::vector<float> means = MeansOfRows(steps, columns);
  const auto count = static_cast<std::ptrdiff_t>(means.size());
  const auto size_at = [&](std::ptrdiff_t i) {
    return i < 0 || i >= count ? 0 : std::abs(means[static_cast<std::size_t>(i)]);
  };
  const auto row = static_cast<std::ptrdiff_t>(columns);
  std::vector<std::size_t> places;
  for (std::ptrdiff_t i = row; i < count; ++i) {
    const float peak = size_at(i);
    const std::size_t column = static_cast<std::size_t>(i) % columns;
    if (peak < least / 2 || column < kMargin || column > columns - kMargin) continue;
    if (size_at(i - row) > peak / 2 || size_at(i + row) > peak / 2) continue;
    bool is_highest = true;
    for (std::ptrdiff_t j = i - kNear; j <= i + kNear; ++j) is_highest &= size_at(j) <= peak;
    if (is_highest) places.push_back(static_cast<std::size_t>(i));
  }
  return places;
}

// Steps of the same height all along, and quiet on all sides, a row before them and one behind.
bool IsSlip(Steps steps, std::size_t first, std::size_t columns, float least) {
  std::vector<float> room;
  const auto part = [&](std::size_t begin, std::size_t end) {
    return Median(steps.subspan(std::min(begin, steps.size()),
                                std::min(end, steps.size()) - std::min(begin, steps.size())),
                  &room);
  };
  const std::size_t end = first + columns;
  const float slip = part(first, end);
  if (std::abs(slip) < least) return false;
  const auto is_alike = [slip](float step) {
    return std::abs(step - slip) < std::abs(slip) * kAlike + 1;
  };
  const auto alike = std::ranges::count_if(steps.subspan(first, columns), is_alike);
  if (static_cast<float>(alike) < kAgreeing * static_cast<float>(columns)) return false;
  std::vector<float> differences;
  for (const float step : steps.subspan(first, columns)) {
    differences.push_back(std::abs(step - slip));
  }
  if (std::abs(slip) < kSteady * Median(differences, &room)) return false;
  const std::size_t row_end = first - first % columns + columns;
  if (!is_alike(part(first, row_end)) || !is_alike(part(row_end, end))) return false;
  const auto is_quiet = [&](std::size_t from, std::size_t to) {
    return std::abs(part(from, to)) < std::abs(slip) * kAlike;
  };
  return is_quiet(row_end - columns, first) && is_quiet(end, row_end + columns) &&
         is_quiet(first - std::min(first, columns), first) && is_quiet(end, end + columns);
}

// The smallest slip that can be told from what a whole picture has.
float LeastSlip(const std::vector<float>& steps, std::size_t columns, float quantum) {
  std::vector<float> sizes;
  sizes.reserve(steps.size());
  for (const float step : steps) sizes.push_back(std::abs(step));
  std::vector<float> room;
  const float chance = Median(sizes, &room) / std::sqrt(static_cast<float>(columns));
  return std::max({kLeastSlip, kLeastQuanta * quantum, kLeastNoise * chance});
}

}  // namespace

bool ColorsSlip(const Scan& scan) {
  for (const ScanBlocks& blocks : scan.components) {
    const auto columns = static_cast<std::size_t>(blocks.columns / blocks.unit_columns);
    if (blocks.rows / blocks.unit_rows < kLeastRows || columns < kLeastColumns) return false;
    const std::vector<float> steps = StepsOfUnits(blocks);
    const float least = LeastSlip(steps, columns, blocks.quantum);
    for (const std::size_t first : LikelyPlaces(steps, columns, least)) {
      if (IsSlip(steps, first, columns, least)) return true;
    }
  }
  return false;
}

}  // namespace gpen::codec
