#include "restore/damage_marks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace gpen::restore {
namespace {

// As in training/gpen_training/repair_network.py.
constexpr std::uint8_t kSure = 248;
constexpr std::uint8_t kMaybe = 77;

constexpr std::uint8_t kMarked = 255;
constexpr std::uint8_t kBeside = 1;

// Marks the place of the pixel. `open` is empty before and after.
void MarkPlace(ImageView sure, std::pair<int, int> from, Image* mask,
               std::vector<std::pair<int, int>>* open) {
  mask->Row<std::uint8_t>(from.second)[from.first] = kMarked;
  open->push_back(from);
  while (!open->empty()) {
    const auto [at_x, at_y] = open->back();
    open->pop_back();
    for (int y = std::max(at_y - 1, 0); y <= std::min(at_y + 1, sure.height() - 1); ++y) {
      for (int x = std::max(at_x - 1, 0); x <= std::min(at_x + 1, sure.width() - 1); ++x) {
        auto& marked = mask->Row<std::uint8_t>(y)[x];
        if (marked != 0 || sure.Row<std::uint8_t>(y)[x] < kMaybe) continue;
        marked = kMarked;
        open->emplace_back(x, y);
      }
    }
  }
}

void MarkOnePixelFurther(Image* mask) {
  const auto note = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= mask->width() || y >= mask->height()) return;
    auto& marked = mask->Row<std::uint8_t>(y)[x];
    if (marked == 0) marked = kBeside;
  };
  for (int y = 0; y < mask->height(); ++y) {
    for (int x = 0; x < mask->width(); ++x) {
      if (mask->Row<std::uint8_t>(y)[x] != kMarked) continue;
      note(x - 1, y);
      note(x + 1, y);
      note(x, y - 1);
      note(x, y + 1);
    }
  }
  for (int y = 0; y < mask->height(); ++y) {
    auto* row = mask->Row<std::uint8_t>(y);
    for (int x = 0; x < mask->width(); ++x) row[x] = row[x] == 0 ? 0 : kMarked;
  }
}

}  // namespace

Image MarkDamage(ImageView sure) {
  Image mask(sure.width(), sure.height(), 1, SampleType::kU8);
  for (int y = 0; y < mask.height(); ++y) {
    std::fill_n(mask.Row<std::uint8_t>(y), mask.width(), std::uint8_t{0});
  }
  std::vector<std::pair<int, int>> open;
  for (int y = 0; y < sure.height(); ++y) {
    for (int x = 0; x < sure.width(); ++x) {
      const bool is_new = mask.Row<std::uint8_t>(y)[x] == 0;
      if (is_new && sure.Row<std::uint8_t>(y)[x] >= kSure) MarkPlace(sure, {x, y}, &mask, &open);
    }
  }
  MarkOnePixelFurther(&mask);
  return mask;
}

}  // namespace gpen::restore
