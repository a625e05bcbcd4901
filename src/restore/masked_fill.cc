#include "restore/masked_fill.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/parallel.h"
#include "restore/photo_strips.h"

namespace gpen::restore {
namespace {

constexpr int kLevels = 6;             // Of a half each.
constexpr int kMargin = 1 << kLevels;  // Tiles begin at multiples of it, so that they fit together.
constexpr int kMostMargin = 8 * kMargin;
constexpr int kTile = 4 * kMargin;
constexpr int kGuard = 1;  // So many pixels about a marked one are not trusted: its soft border.
constexpr int kColors = 3;

// Colours times weight, and the weight: 1 where a pixel is known, 0 where it is not.
using Known = std::array<float, kColors + 1>;

struct Level {
  int width = 0;
  int height = 0;
  std::vector<Known> pixels = {};

  Level(int wide, int high)
      : width(wide),
        height(high),
        pixels(static_cast<std::size_t>(wide) * static_cast<std::size_t>(high)) {}
  Known& At(int x, int y) {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
  const Known& At(int x, int y) const { return const_cast<Level*>(this)->At(x, y); }
};

bool IsMarked(ImageView mask, const Rect& rect) {
  for (int y = rect.top; y < rect.bottom(); ++y) {
    const auto* row = mask.Row<std::uint8_t>(y);
    if (std::any_of(row + rect.left, row + rect.right(), [](auto value) { return value > 0; })) {
      return true;
    }
  }
  return false;
}

template <typename Sample>
Level ReadKnown(ImageView photo, ImageView mask, const Rect& rect) {
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  Level level(rect.width, rect.height);
  const int step = photo.channels();
  for (int y = 0; y < rect.height; ++y) {
    const Sample* row = photo.Row<Sample>(rect.top + y) + std::ptrdiff_t{rect.left} * step;
    for (int x = 0; x < rect.width; ++x) {
      const Rect about = {rect.left + x - kGuard, rect.top + y - kGuard, 2 * kGuard + 1,
                          2 * kGuard + 1};
      if (IsMarked(mask, Intersect(about, mask.bounds()))) continue;
      Known& known = level.At(x, y);
      for (int c = 0; c < kColors; ++c) {
        known[static_cast<std::size_t>(c)] =
            static_cast<float>(row[x * step + (step <= 2 ? 0 : c)]) / kUnit;
      }
      known[kColors] = 1;
    }
  }
  return level;
}

// More than one whole pixel counts as one.
Level Halved(const Level& level) {
  Level half((level.width + 1) / 2, (level.height + 1) / 2);
  for (int y = 0; y < level.height; ++y) {
    for (int x = 0; x < level.width; ++x) {
      Known& sum = half.At(x / 2, y / 2);
      const Known& part = level.At(x, y);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
    }
  }
  for (Known& sum : half.pixels) {
    if (sum[kColors] <= 1) continue;
    const float part = 1 / sum[kColors];
    for (float& value : sum) value *= part;
  }
  return half;
}

// The mean of what is known; nothing where nothing is.
std::optional<Known> MeanOf(const Level& level) {
  Known mean = {};
  for (const Known& known : level.pixels) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += known[i];
  }
  if (mean[kColors] <= 0) return std::nullopt;
  const float weight = mean[kColors];
  for (float& value : mean) value /= weight;
  return mean;
}

// What is not known in `level` from the filled one of half its size, between whose pixels it lies.
void FillFrom(const Level& half, Level* level) {
  const auto near = [](int at, int size) { return std::min(at / 2, size - 1); };
  const auto far = [](int at, int size) {
    return std::clamp(at / 2 + (at % 2 == 0 ? -1 : 1), 0, size - 1);
  };
  for (int y = 0; y < level->height; ++y) {
    for (int x = 0; x < level->width; ++x) {
      Known& known = level->At(x, y);
      const float missing = 1 - known[kColors];
      if (missing <= 0) continue;
      const int xs[] = {near(x, half.width), far(x, half.width)};
      const int ys[] = {near(y, half.height), far(y, half.height)};
      constexpr float kParts[] = {0.75F, 0.25F};
      for (int i = 0; i < 4; ++i) {
        const Known& from = half.At(xs[i % 2], ys[i / 2]);
        for (std::size_t c = 0; c < kColors; ++c) {
          known[c] += missing * kParts[i % 2] * kParts[i / 2] * from[c];
        }
      }
      known[kColors] = 1;
    }
  }
}

// False where nothing is known.
bool FillLevel(Level* finest) {
  std::vector<Level> levels;
  levels.push_back(Halved(*finest));
  while (levels.size() < kLevels) levels.push_back(Halved(levels.back()));
  const auto mean = MeanOf(levels.back());
  if (!mean) return false;
  for (Known& known : levels.back().pixels) {
    const float weight = known[kColors];
    if (weight <= 0) {
      known = *mean;
    } else {
      for (float& value : known) value /= weight;
    }
  }
  for (std::size_t i = levels.size() - 1; i > 0; --i) FillFrom(levels[i], &levels[i - 1]);
  FillFrom(levels[0], finest);
  return true;
}

// What is about the tile, filled; where nothing is known there, what lies farther away.
struct Surroundings {
  Rect rect;
  Level level;
};

template <typename Sample>
std::optional<Surroundings> FilledAbout(const Rect& tile, ImageView photo, ImageView mask) {
  for (int margin = kMargin; margin <= kMostMargin; margin *= 2) {
    const Rect wide = {tile.left - margin, tile.top - margin, tile.width + 2 * margin,
                       tile.height + 2 * margin};
    const Rect rect = Intersect(wide, photo.bounds());
    Level level = ReadKnown<Sample>(photo, mask, rect);
    if (FillLevel(&level)) return Surroundings{rect, std::move(level)};
  }
  return std::nullopt;
}

template <typename Sample>
void FillTile(ImageView photo, ImageView mask, float strength, const Rect& tile,
              MutableImageView result) {
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  const auto about = FilledAbout<Sample>(tile, photo, mask);
  if (!about) return;
  const auto& [rect, level] = *about;
  const int step = photo.channels();
  for (int y = tile.top; y < tile.bottom(); ++y) {
    const auto* marked = mask.Row<std::uint8_t>(y);
    const Sample* from = photo.Row<Sample>(y);
    Sample* to = result.Row<Sample>(y);
    for (int x = tile.left; x < tile.right(); ++x) {
      if (marked[x] == 0) continue;
      const float cover = strength * static_cast<float>(marked[x]) / 255.0F;
      const Known& filled = level.At(x - rect.left, y - rect.top);
      for (int c = 0; c < (step <= 2 ? 1 : kColors); ++c) {
        const float is = static_cast<float>(from[x * step + c]) / kUnit;
        to[x * step + c] =
            ToSample<Sample>(is + cover * (filled[static_cast<std::size_t>(c)] - is));
      }
    }
  }
}

}  // namespace

void FillMasked(ImageView photo, ImageView mask, double strength, int threads,
                MutableImageView result) {
  std::vector<Rect> tiles;
  for (int top = 0; top < photo.height(); top += kTile) {
    for (int left = 0; left < photo.width(); left += kTile) {
      const Rect tile = Intersect({left, top, kTile, kTile}, photo.bounds());
      if (IsMarked(mask, tile)) tiles.push_back(tile);
    }
  }
  ParallelFor(static_cast<int>(tiles.size()), threads, [&](int i) {
    const Rect& tile = tiles[static_cast<std::size_t>(i)];
    const auto part = static_cast<float>(strength);
    if (photo.type() == SampleType::kU8) {
      FillTile<std::uint8_t>(photo, mask, part, tile, result);
    } else {
      FillTile<std::uint16_t>(photo, mask, part, tile, result);
    }
  });
}

}  // namespace gpen::restore
