#include "restore/fill_level.h"

#include <algorithm>
#include <optional>

namespace gpen::restore {
namespace {

// More than one whole pixel counts as one.
FillLevel Halved(const FillLevel& level) {
  FillLevel half((level.width + 1) / 2, (level.height + 1) / 2);
  for (int y = 0; y < level.height; ++y) {
    for (int x = 0; x < level.width; ++x) {
      Known& sum = half.At(x / 2, y / 2);
      const Known& part = level.At(x, y);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
    }
  }
  for (Known& sum : half.pixels) {
    if (sum[kFillColors] <= 1) continue;
    const float part = 1 / sum[kFillColors];
    for (float& value : sum) value *= part;
  }
  return half;
}

// The mean of what is known; nothing where nothing is.
std::optional<Known> MeanOf(const FillLevel& level) {
  Known mean = {};
  for (const Known& known : level.pixels) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += known[i];
  }
  if (mean[kFillColors] <= 0) return std::nullopt;
  const float weight = mean[kFillColors];
  for (float& value : mean) value /= weight;
  return mean;
}

// A pixel that is not known wholly, and what is known of it.
struct Partial {
  int x;
  int y;
  Known given;
};

// `colors` for what is missing.
void Complete(const Partial& partial, const Known& colors, Known* to) {
  const float missing = 1 - partial.given[kFillColors];
  for (std::size_t c = 0; c < kFillColors; ++c) (*to)[c] = partial.given[c] + missing * colors[c];
  (*to)[kFillColors] = 1;
}

// Between four pixels of the level of half the size.
Known FromHalf(const FillLevel& half, int x, int y) {
  const auto near = [](int at, int size) { return std::min(at / 2, size - 1); };
  const auto far = [](int at, int size) {
    return std::clamp(at / 2 + (at % 2 == 0 ? -1 : 1), 0, size - 1);
  };
  const int xs[] = {near(x, half.width), far(x, half.width)};
  const int ys[] = {near(y, half.height), far(y, half.height)};
  constexpr float kParts[] = {0.75F, 0.25F};
  Known sum = {};
  for (int i = 0; i < 4; ++i) {
    const Known& from = half.At(xs[i % 2], ys[i / 2]);
    for (std::size_t c = 0; c < kFillColors; ++c) {
      sum[c] += kParts[i % 2] * kParts[i / 2] * from[c];
    }
  }
  return sum;
}

Known MeanAbout(const FillLevel& level, int x, int y) {
  const Known* about[] = {
      &level.At(std::max(x - 1, 0), y), &level.At(std::min(x + 1, level.width - 1), y),
      &level.At(x, std::max(y - 1, 0)), &level.At(x, std::min(y + 1, level.height - 1))};
  Known mean = {};
  for (const Known* pixel : about) {
    for (std::size_t c = 0; c < kFillColors; ++c) mean[c] += 0.25F * (*pixel)[c];
  }
  return mean;
}

// Brings what is not known nearer to what passes from border to border without a step: each pixel
// the mean of those about it.
void Relax(const std::vector<Partial>& partials, int sweeps, FillLevel* level) {
  for (int half = 0; half < 2 * sweeps; ++half) {
    for (const Partial& partial : partials) {
      if ((partial.x + partial.y) % 2 != half % 2) continue;  // As on a chessboard.
      Complete(partial, MeanAbout(*level, partial.x, partial.y), &level->At(partial.x, partial.y));
    }
  }
}

// What is not known in `level` from the filled one of half its size.
void FillFrom(const FillLevel& half, FillLevel* level) {
  constexpr int kSweeps = 5;
  const auto is_partial = [](const Known& known) { return known[kFillColors] < 1; };
  std::vector<Partial> partials;
  partials.reserve(static_cast<std::size_t>(std::ranges::count_if(level->pixels, is_partial)));
  for (int y = 0; y < level->height; ++y) {
    for (int x = 0; x < level->width; ++x) {
      Known& known = level->At(x, y);
      if (!is_partial(known)) continue;
      partials.push_back({x, y, known});
      Complete(partials.back(), FromHalf(half, x, y), &known);
    }
  }
  Relax(partials, kSweeps, level);
}

// What is not known in the coarsest level, of which something is.
void FillCoarsest(const Known& mean, FillLevel* level) {
  constexpr int kSweeps = 50;  // It is as small as that.
  std::vector<Partial> partials;
  for (int y = 0; y < level->height; ++y) {
    for (int x = 0; x < level->width; ++x) {
      Known& known = level->At(x, y);
      const float weight = known[kFillColors];
      if (weight <= 0) {
        partials.push_back({x, y, known});
        known = mean;
      } else {
        for (float& value : known) value /= weight;
      }
    }
  }
  Relax(partials, kSweeps, level);
}

}  // namespace

bool FillUnknown(FillLevel* level) {
  std::vector<FillLevel> levels;
  levels.push_back(Halved(*level));
  while (levels.size() < kFillLevels) levels.push_back(Halved(levels.back()));
  const auto mean = MeanOf(levels.back());
  if (!mean) return false;
  FillCoarsest(*mean, &levels.back());
  for (std::size_t i = levels.size() - 1; i > 0; --i) FillFrom(levels[i], &levels[i - 1]);
  FillFrom(levels[0], level);
  return true;
}

}  // namespace gpen::restore
