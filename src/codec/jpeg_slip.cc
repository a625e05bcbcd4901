#include "codec/jpeg_slip.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "codec/upright.h"

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

// The units of one channel, as stored, and the steps between them: entry (row - 1) * columns +
// column is the median step from the unit above into this one, beyond what the slopes on either
// side foretell.
class Units {
 public:
  Units(ImageView upright, int orientation, const JpegTraits& traits)
      : data_(upright.data()),
        places_(StoredPlaces::In(upright, orientation)),
        width_(traits.unit_width),
        height_(traits.unit_height),
        columns_((orientation >= 5 ? upright.height() : upright.width()) / width_),
        rows_((orientation >= 5 ? upright.width() : upright.height()) / height_) {}

  int columns() const { return columns_; }
  int rows() const { return rows_; }

  std::vector<float> Steps(int channel) const {
    std::vector<float> steps;
    steps.reserve(static_cast<std::size_t>((rows_ - 1) * columns_));
    std::vector<float> across(static_cast<std::size_t>(width_));
    std::vector<float> room;
    for (int row = 1; row < rows_; ++row) {
      for (int column = 0; column < columns_; ++column) {
        for (int x = 0; x < width_; ++x) {
          across[static_cast<std::size_t>(x)] = Step(column * width_ + x, row * height_, channel);
        }
        steps.push_back(Median(across, &room));
      }
    }
    return steps;
  }

 private:
  float Step(int x, int y, int channel) const {
    const std::byte* at =
        data_ + places_.origin + places_.step_x * x + places_.step_y * y + channel;
    const auto level = [&](int below) {
      return static_cast<float>(std::to_integer<int>(at[places_.step_y * below]));
    };
    const float above_slope = level(-1) - level(-2);
    const float below_slope = level(1) - level(0);
    return level(0) - level(-1) - (above_slope + below_slope) / 2;
  }

  const std::byte* data_;
  StoredPlaces places_;
  int width_, height_;
  int columns_, rows_;
};

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

bool ColorsSlip(ImageView upright, int orientation, const JpegTraits& traits) {
  if (traits.unit_width == 0 || upright.type() != SampleType::kU8) return false;
  const Units units(upright, orientation, traits);
  if (units.rows() < kLeastRows || units.columns() < kLeastColumns) return false;
  const auto columns = static_cast<std::size_t>(units.columns());
  for (int channel = 0; channel < upright.channels(); ++channel) {
    const std::vector<float> steps = units.Steps(channel);
    for (const std::size_t first : LikelyPlaces(steps, columns)) {
      if (IsSlip(steps, first, columns)) return true;
    }
  }
  return false;
}

}  // namespace gpen::codec
