#include "restore/repair_mask.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "codec/encode.h"
#include "codec/photo.h"

namespace gpen::restore {
namespace {

constexpr int kMostSide = 1024;
// What no old photo has much of.
constexpr float kMarkColor[] = {1.0F, 0.0F, 0.62F};

// Marked pixels of a row next to each other, `end` excluded, and the place that they belong to.
struct Run {
  int begin;
  int end;
  int place;
};

// Places by number; those that turn out to be one point to the smaller number.
class Places {
 public:
  int New() {
    parents_.push_back(static_cast<int>(parents_.size()));
    ++count_;
    return parents_.back();
  }
  void Join(int one, int other) {
    one = Find(one);
    other = Find(other);
    if (one == other) return;
    parents_[static_cast<std::size_t>(std::max(one, other))] = std::min(one, other);
    --count_;
  }
  int count() const { return count_; }

 private:
  int Find(int place) {
    const auto parent = [&](int at) -> int& { return parents_[static_cast<std::size_t>(at)]; };
    while (parent(place) != place) {
      parent(place) = parent(parent(place));
      place = parent(place);
    }
    return place;
  }

  std::vector<int> parents_;
  int count_ = 0;
};

void FindRuns(const std::uint8_t* row, int width, std::vector<Run>* runs) {
  runs->clear();
  for (int x = 0; x < width; ++x) {
    if (row[x] == 0) continue;
    const int begin = x;
    while (x < width && row[x] != 0) ++x;
    runs->push_back({begin, x, -1});
  }
}

// Gives each run of a row its place, by those of the row above.
void JoinRuns(const std::vector<Run>& above, std::vector<Run>* runs, Places* places) {
  std::size_t first = 0;
  for (Run& run : *runs) {
    while (first < above.size() && above[first].end < run.begin) ++first;
    for (std::size_t i = first; i < above.size() && above[i].begin <= run.end; ++i) {
      if (run.place < 0) run.place = above[i].place;
      places->Join(run.place, above[i].place);
    }
    if (run.place < 0) run.place = places->New();
  }
}

// Reduced by a whole number, each pixel the most of those that it stands for.
Image ReduceToMost(ImageView mask) {
  const int factor = (std::max(mask.width(), mask.height()) + kMostSide - 1) / kMostSide;
  const auto up = [factor](int length) { return (length + factor - 1) / factor; };
  Image small(up(mask.width()), up(mask.height()), 1, SampleType::kU8);
  for (int y = 0; y < small.height(); ++y) {
    auto* to = small.Row<std::uint8_t>(y);
    std::fill_n(to, small.width(), std::uint8_t{0});
    for (int from_y = y * factor; from_y < std::min((y + 1) * factor, mask.height()); ++from_y) {
      const auto* from = mask.Row<std::uint8_t>(from_y);
      for (int x = 0; x < mask.width(); ++x) to[x / factor] = std::max(to[x / factor], from[x]);
    }
  }
  return small;
}

template <typename Sample>
void Paint(ImageView mask, MutableImageView photo) {
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  const int step = photo.channels();
  for (int y = 0; y < photo.height(); ++y) {
    const auto* marked = mask.Row<std::uint8_t>(y);
    Sample* pixel = photo.Row<Sample>(y);
    for (int x = 0; x < photo.width(); ++x, pixel += step) {
      if (marked[x] == 0) continue;
      const float cover = static_cast<float>(marked[x]) / 255.0F;
      for (int c = 0; c < (step <= 2 ? 1 : 3); ++c) {
        const auto is = static_cast<float>(pixel[c]);
        const float color = step <= 2 ? (is < kUnit / 2 ? 1.0F : 0.0F) : kMarkColor[c];
        pixel[c] = static_cast<Sample>(is + cover * (color * kUnit - is) + 0.5F);
      }
    }
  }
}

}  // namespace

Image EmptyMask(int width, int height) {
  Image mask(width, height, 1, SampleType::kU8);
  for (int y = 0; y < height; ++y) std::fill_n(mask.Row<std::uint8_t>(y), width, std::uint8_t{0});
  return mask;
}

MarkedPlaces CountPlaces(ImageView mask) {
  Places places;
  std::vector<Run> above;
  std::vector<Run> runs;
  std::int64_t pixels = 0;
  for (int y = 0; y < mask.height(); ++y) {
    FindRuns(mask.Row<std::uint8_t>(y), mask.width(), &runs);
    JoinRuns(above, &runs, &places);
    for (const Run& run : runs) pixels += run.end - run.begin;
    std::swap(above, runs);
  }
  const auto all = std::int64_t{mask.width()} * mask.height();
  return {places.count(), all == 0 ? 0.0 : static_cast<double>(pixels) / static_cast<double>(all)};
}

Result<std::vector<std::byte>> EncodeMask(ImageView mask) {
  const Image small = ReduceToMost(mask);
  codec::Photo overlay;
  overlay.pixels = Image(small.width(), small.height(), 4, SampleType::kU8);
  for (int y = 0; y < small.height(); ++y) {
    const auto* from = small.Row<std::uint8_t>(y);
    auto* to = overlay.pixels.Row<std::uint8_t>(y);
    for (int x = 0; x < small.width(); ++x, to += 4) {
      for (int c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>(255.0F * kMarkColor[c] + 0.5F);
      to[3] = from[x];
    }
  }
  overlay.info.format = codec::Format::kPng;
  overlay.info.width = small.width();
  overlay.info.height = small.height();
  overlay.info.stored_channels = 4;
  overlay.info.has_alpha = true;
  codec::EncodeOptions options;
  options.format = codec::Format::kPng;
  std::vector<std::string> ignored;
  return codec::Encode(overlay, options, &ignored);
}

void PaintMask(ImageView mask, MutableImageView photo) {
  if (photo.type() == SampleType::kU8) {
    Paint<std::uint8_t>(mask, photo);
  } else {
    Paint<std::uint16_t>(mask, photo);
  }
}

}  // namespace gpen::restore
