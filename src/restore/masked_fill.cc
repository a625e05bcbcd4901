#include "restore/masked_fill.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "restore/fill_level.h"
#include "restore/fill_texture.h"
#include "restore/photo_strips.h"

namespace gpen::restore {
namespace {

constexpr int kMargin = 1 << kFillLevels;  // Tiles begin at multiples, so that they fit together.
constexpr int kMostMargin = 8 * kMargin;
constexpr int kTile = 4 * kMargin;
constexpr int kGuard = 1;  // So many pixels about a marked one are not trusted: its soft border.

bool IsMarked(ImageView mask, const Rect& rect) {
  for (int y = rect.top; y < rect.bottom(); ++y) {
    const auto* row = mask.Row<std::uint8_t>(y);
    if (std::any_of(row + rect.left, row + rect.right(), [](auto value) { return value > 0; })) {
      return true;
    }
  }
  return false;
}

bool IsSame(ImageView mask, ImageView other, const Rect& rect) {
  for (int y = rect.top; y < rect.bottom(); ++y) {
    const auto* row = mask.Row<std::uint8_t>(y);
    const auto* other_row = other.Row<std::uint8_t>(y);
    if (!std::equal(row + rect.left, row + rect.right(), other_row + rect.left)) return false;
  }
  return true;
}

template <typename Sample>
FillLevel ReadKnown(ImageView photo, ImageView mask, const Rect& rect) {
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  FillLevel level(rect.width, rect.height);
  const int step = photo.channels();
  for (int y = 0; y < rect.height; ++y) {
    const Sample* row = photo.Row<Sample>(rect.top + y) + std::ptrdiff_t{rect.left} * step;
    for (int x = 0; x < rect.width; ++x) {
      const Rect about = {rect.left + x - kGuard, rect.top + y - kGuard, 2 * kGuard + 1,
                          2 * kGuard + 1};
      if (IsMarked(mask, Intersect(about, mask.bounds()))) continue;
      Known& known = level.At(x, y);
      for (int c = 0; c < kFillColors; ++c) {
        known[static_cast<std::size_t>(c)] =
            static_cast<float>(row[x * step + (step <= 2 ? 0 : c)]) / kUnit;
      }
      known[kFillColors] = 1;
    }
  }
  return level;
}

std::vector<std::uint8_t> MarkedIn(ImageView mask, const Rect& rect) {
  std::vector<std::uint8_t> marked;
  marked.reserve(static_cast<std::size_t>(rect.width) * static_cast<std::size_t>(rect.height));
  for (int y = rect.top; y < rect.bottom(); ++y) {
    const auto* row = mask.Row<std::uint8_t>(y);
    marked.insert(marked.end(), row + rect.left, row + rect.right());
  }
  return marked;
}

// `part` of the photo, in pixels of `rect`.
Rect Within(const Rect& part, const Rect& rect) {
  return {part.left - rect.left, part.top - rect.top, part.width, part.height};
}

// The part `rect` of a level.
FillLevel Cropped(const FillLevel& level, const Rect& rect) {
  FillLevel part(rect.width, rect.height);
  for (int y = 0; y < rect.height; ++y) {
    for (int x = 0; x < rect.width; ++x) part.At(x, y) = level.At(rect.left + x, rect.top + y);
  }
  return part;
}

// Whether something is known on every side of the part `tile` of a level, but on those at the
// photo's own edges.
bool IsKnownAllAbout(const FillLevel& level, const Rect& tile) {
  const auto knows = [&](int left, int top, int right, int bottom) {
    if (left >= right || top >= bottom) return true;  // The photo ends with the tile.
    for (int y = top; y < bottom; ++y) {
      for (int x = left; x < right; ++x) {
        if (level.Knows(x, y)) return true;
      }
    }
    return false;
  };
  return knows(0, 0, tile.left, level.height) && knows(0, 0, level.width, tile.top) &&
         knows(tile.right(), 0, level.width, level.height) &&
         knows(0, tile.bottom(), level.width, level.height);
}

// What is about the tile, filled. A hole that goes on beyond what is near it is seen as far as its
// other side, so that tiles agree about it.
struct Surroundings {
  Rect rect;
  FillLevel level;
};

template <typename Sample>
std::optional<Surroundings> FilledAbout(const Rect& tile, ImageView photo, ImageView mask) {
  for (int margin = kMargin; margin <= kMostMargin; margin *= 2) {
    const Rect wide = Grown(tile, margin, photo.bounds());
    FillLevel level = ReadKnown<Sample>(photo, mask, wide);
    if (margin < kMostMargin && !IsKnownAllAbout(level, Within(tile, wide))) continue;
    const Rect rect = Grown(tile, kMargin, photo.bounds());
    const FillLevel known = Cropped(level, Within(rect, wide));
    if (!FillUnknown(&level)) return std::nullopt;
    FillLevel filled = Cropped(level, Within(rect, wide));
    AddTexture(known, MarkedIn(mask, rect), Within(tile, rect), &filled);
    return Surroundings{rect, std::move(filled)};
  }
  return std::nullopt;
}

template <typename Sample>
void FillTile(ImageView photo, ImageView mask, const Rect& tile, MutableImageView result) {
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
      const float cover = static_cast<float>(marked[x]) / 255.0F;
      const Known& filled = level.At(x - rect.left, y - rect.top);
      for (int c = 0; c < (step <= 2 ? 1 : kFillColors); ++c) {
        const float is = static_cast<float>(from[x * step + c]) / kUnit;
        to[x * step + c] =
            ToSample<Sample>(is + cover * (filled[static_cast<std::size_t>(c)] - is));
      }
    }
  }
}

}  // namespace

Result<void> FillMasked(ImageView photo, ImageView mask, const FillOptions& options,
                        MutableImageView result) {
  std::vector<Rect> tiles;
  for (int top = 0; top < photo.height(); top += kTile) {
    for (int left = 0; left < photo.width(); left += kTile) {
      const Rect tile = Intersect({left, top, kTile, kTile}, photo.bounds());
      if (!IsMarked(mask, tile)) continue;
      const Rect about = Grown(tile, kMargin, photo.bounds());
      if (options.filled != nullptr && IsSame(mask, *options.filled, about)) continue;
      tiles.push_back(tile);
    }
  }
  ParallelFor(static_cast<int>(tiles.size()), options.threads, [&](int i) {
    if (options.stop.stop_requested()) return;
    const Rect& tile = tiles[static_cast<std::size_t>(i)];
    if (photo.type() == SampleType::kU8) {
      FillTile<std::uint8_t>(photo, mask, tile, result);
    } else {
      FillTile<std::uint16_t>(photo, mask, tile, result);
    }
  });
  if (options.stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped on request");
  return {};
}

}  // namespace gpen::restore
