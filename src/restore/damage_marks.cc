#include "restore/damage_marks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "restore/line_bridges.h"
#include "restore/mask_place.h"
#include "restore/repair_mask.h"

namespace gpen::restore {
namespace {

// For 0, 50 and 100 percent, as in training/gpen_training/repair_network.py. What each finds, and
// marks where there is no damage: models/photo-networks.md.
constexpr int kSurest = 245;
constexpr int kSure = 220;
constexpr int kLessSure = 195;
constexpr std::uint8_t kMaybe = 128;

// What is as sure as for so many percent is damage in any photo. Of 178 sharp photos without damage
// 95 % show at most kFew such places; prints with 50 specks and 6 scratches show 20 to 35.
constexpr int kAlone = 10;
constexpr int kFew = 6;
constexpr int kMany = 14;
// The share of the photo that they take: up to 0.0025 of those without damage.
constexpr double kLittle = 0.0025;
constexpr double kMuch = 0.0075;

constexpr std::uint8_t kBeside = 1;

// Marks the place of `from` where it is sure, and else leaves it. `place` is room to work in.
void MarkPlace(ImageView sure, Pixel from, int least, Image* mask, std::vector<Pixel>* place) {
  int surest = 0;
  std::int64_t sum = 0;
  const auto takes = [&](const Pixel& p) {
    auto& marked = mask->Row<std::uint8_t>(p.y)[p.x];
    const int here = sure.Row<std::uint8_t>(p.y)[p.x];
    if (marked != 0 || here < kMaybe) return false;
    marked = kUnsure;
    surest = std::max(surest, here);
    sum += here;
    return true;
  };
  if (!takes(from)) return;
  TakePlace(sure.width(), sure.height(), from, takes, place);
  const auto pixels = static_cast<std::int64_t>(place->size());
  if (surest * pixels + sum < 2 * least * pixels) return;
  for (const Pixel& p : *place) mask->Row<std::uint8_t>(p.y)[p.x] = kMarked;
}

void MarkOnePixelFurther(Image* mask) {
  const auto note = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= mask->width() || y >= mask->height()) return;
    auto& marked = mask->Row<std::uint8_t>(y)[x];
    if (marked != kMarked) marked = kBeside;
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
    for (int x = 0; x < mask->width(); ++x) {
      row[x] = row[x] == kMarked || row[x] == kBeside ? kMarked : 0;
    }
  }
}

}  // namespace

int LeastSureness(int percent) {
  const double part = (percent - 50) / 50.0;
  return static_cast<int>(
      std::lround(part < 0 ? std::lerp(kSure, kSurest, -part) : std::lerp(kSure, kLessSure, part)));
}

int LeastSurenessIn(ImageView sure, int percent) {
  const double beyond_half = std::max(0.0, (percent - 50) / 50.0);
  const int alone =
      std::min(percent, static_cast<int>(std::lround(std::lerp(kAlone, 100.0, beyond_half))));
  const int few = LeastSureness(alone);
  if (alone == percent) return few;
  const auto places = CountPlaces(MarkDamage(sure, LeastSureness(kAlone)).view());
  const double by_count = 1.0 * (places.count - kFew) / (kMany - kFew);
  const double by_share = (places.share - kLittle) / (kMuch - kLittle);
  const double damaged = std::clamp(std::max(by_count, by_share), 0.0, 1.0);
  return static_cast<int>(std::lround(std::lerp(few, LeastSureness(percent), damaged)));
}

Image MarkDamage(ImageView sure, int least) {
  Image mask = EmptyMask(sure.width(), sure.height());
  std::vector<Pixel> place;
  for (int y = 0; y < sure.height(); ++y) {
    for (int x = 0; x < sure.width(); ++x) MarkPlace(sure, {x, y}, least, &mask, &place);
  }
  BridgeLines(sure, &mask);
  MarkOnePixelFurther(&mask);
  return mask;
}

}  // namespace gpen::restore
