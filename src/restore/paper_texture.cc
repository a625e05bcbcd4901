#include "restore/paper_texture.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "image/fourier.h"
#include "restore/color_channels.h"
#include "restore/luma_levels.h"
#include "restore/median.h"
#include "restore/photo_strips.h"

namespace gpen::restore {
namespace {

constexpr int kTile = 128;  // Pixels a side of the parts whose waves are looked at.
constexpr int kHop = kTile / 2;
constexpr std::size_t kWaves = std::size_t{kTile} * kTile;
constexpr int kMostTiles = 10;  // Each way.
constexpr std::size_t kLeastTiles = 25;
// Whole waves in a tile.
constexpr double kFewest = 5;
constexpr double kMost = 42;
constexpr int kOffAxes = 2;  // What runs along an axis is a house, or the squares of a JPEG.
// How far a wave stands out of those about it, as a logarithm, in the mean of all tiles; less and
// more than so much does not count in any. In 46 photos up to 0.56; of drawn textures nine of ten
// reach this.
constexpr float kStandsOut = 0.8F;
constexpr float kBelow = -2;
constexpr float kAbove = 2.5F;
constexpr float kBelongs = 0.7F;   // To the pattern.
constexpr double kOtherWay = 35;   // Degrees between two waves of one pattern, at least,
constexpr double kAsLong = 0.25;   // and how much their lengths may differ.
constexpr int kAbout = 6;          // Waves to each side that are about one,
constexpr int kItself = 2;         // without those to each side that are itself.
constexpr double kEven = 0.4;      // Of the tiles, those that show least besides.
constexpr float kStronger = 1.4F;  // Than in the middle one of these, up to which all is taken.
constexpr float kPictures = 3;     // Than that: it is the picture's own, and the less is taken.

using Waves = std::vector<std::complex<float>>;

const FourierTransform& Transform() {
  static const FourierTransform transform(kTile);
  return transform;
}

// The root of a Hann window: its squares at half a tile's distance add up to 1.
float Window(int at) {
  static const auto window = [] {
    std::vector<float> values;
    for (int i = 0; i < kTile; ++i) {
      values.push_back(static_cast<float>(std::sin(std::numbers::pi * (i + 0.5) / kTile)));
    }
    return values;
  }();
  return window[static_cast<std::size_t>(at)];
}

// Of kTile rows, each from `from` on.
Waves WavesOf(ImageView levels, int from) {
  double mean = 0;
  for (int y = 0; y < kTile; ++y) {
    for (int x = 0; x < kTile; ++x) mean += levels.Row<float>(y)[from + x];
  }
  mean /= kWaves;
  Waves waves(kWaves);
  std::size_t i = 0;
  for (int y = 0; y < kTile; ++y) {
    for (int x = 0; x < kTile; ++x, ++i) {
      waves[i] =
          (levels.Row<float>(y)[from + x] - static_cast<float>(mean)) * Window(y) * Window(x);
    }
  }
  Transform().Forward(waves.data());
  return waves;
}

// Whole waves across or down at a place, of either sign.
int Turns(std::size_t at) {
  const auto turns = static_cast<int>(at);
  return turns < kTile / 2 ? turns : turns - kTile;
}
int Across(std::size_t i) { return Turns(i % kTile); }
int Down(std::size_t i) { return Turns(i / kTile); }
double CountOf(std::size_t i) { return std::hypot(Across(i), Down(i)); }

bool IsOffAxes(std::size_t i) {
  return std::abs(Across(i)) >= kOffAxes && std::abs(Down(i)) >= kOffAxes;
}

// Sums over squares of 2 * reach + 1 places a side; what lies beyond an edge is at the other.
std::vector<float> SumsAbout(const std::vector<float>& values, int reach) {
  std::vector<float> sums = values;
  std::vector<float> before;
  for (const std::size_t step : {std::size_t{1}, std::size_t{kTile}}) {
    before.swap(sums);
    sums.assign(kWaves, 0);
    for (std::size_t i = 0; i < kWaves; ++i) {
      const std::size_t at = i / step % kTile;
      const std::size_t line = i - at * step;
      float sum = 0;
      for (int offset = -reach; offset <= reach; ++offset) {
        const auto other = static_cast<std::size_t>(static_cast<int>(at) + offset + kTile) % kTile;
        sum += before[line + other * step];
      }
      sums[i] = sum;
    }
  }
  return sums;
}

// How far each wave stands out of those about it.
std::vector<float> StandingOut(const std::vector<float>& magnitudes) {
  constexpr float kNothing = 0.5F;
  constexpr float kCount =
      (2 * kAbout + 1) * (2 * kAbout + 1) - (2 * kItself + 1) * (2 * kItself + 1);
  std::vector<float> logs(kWaves);
  std::ranges::transform(magnitudes, logs.begin(),
                         [](float value) { return std::log(value + kNothing); });
  const auto about = SumsAbout(logs, kAbout);
  const auto itself = SumsAbout(logs, kItself);
  for (std::size_t i = 0; i < kWaves; ++i) {
    logs[i] = std::clamp(logs[i] - (about[i] - itself[i]) / kCount, kBelow, kAbove);
  }
  return logs;
}

// A wave, and those of a turn more or less.
template <typename Use>
void ForNear(std::size_t i, const Use& use) {
  for (int down = -1; down <= 1; ++down) {
    for (int across = -1; across <= 1; ++across) {
      const auto y = static_cast<std::size_t>(Down(i) + down + kTile) % kTile;
      const auto x = static_cast<std::size_t>(Across(i) + across + kTile) % kTile;
      use(y * kTile + x);
    }
  }
}

bool IsHighest(const std::vector<float>& values, std::size_t i) {
  bool is_highest = true;
  ForNear(i, [&](std::size_t near) { is_highest = is_highest && values[near] <= values[i]; });
  return is_highest;
}

bool IsAnotherDirection(std::size_t one, std::size_t other) {
  double angle = std::atan2(Down(one), Across(one)) - std::atan2(Down(other), Across(other));
  angle = std::abs(std::remainder(angle, std::numbers::pi));
  return angle > kOtherWay * std::numbers::pi / 180;
}

struct Texture {
  double length;              // Pixels from wave to wave.
  std::vector<float> levels;  // How strong each of its waves may be; 0 of all others.
};

// The waves that belong to the pattern, and those beside them.
std::vector<bool> WavesOfPattern(const std::vector<float>& stands_out) {
  std::vector<bool> waves(kWaves);
  for (std::size_t i = 0; i < kWaves; ++i) {
    if (stands_out[i] < kBelongs || !IsOffAxes(i) || CountOf(i) < kFewest - 0.5) continue;
    ForNear(i, [&](std::size_t near) { waves[near] = true; });
  }
  return waves;
}

// How strong each wave of the pattern is in the tiles that show least besides it.
std::vector<float> LevelsOf(const std::vector<bool>& pattern,
                            const std::vector<std::vector<float>>& tiles) {
  std::vector<std::pair<float, std::size_t>> by_picture;
  for (std::size_t tile = 0; tile < tiles.size(); ++tile) {
    std::vector<float> others;
    for (std::size_t i = 0; i < kWaves; ++i) {
      if (!pattern[i] && CountOf(i) >= kFewest - 1 && CountOf(i) <= kMost) {
        others.push_back(tiles[tile][i]);
      }
    }
    by_picture.emplace_back(Median(&others), tile);
  }
  std::ranges::sort(by_picture);
  by_picture.resize(std::max(std::size_t{4},
                             static_cast<std::size_t>(kEven * static_cast<double>(tiles.size()))));
  std::vector<float> levels(kWaves);
  std::vector<float> values;
  for (std::size_t i = 0; i < kWaves; ++i) {
    if (!pattern[i]) continue;
    values.clear();
    for (const auto& [_, tile] : by_picture) values.push_back(tiles[tile][i]);
    levels[i] = kStronger * Median(&values);
  }
  return levels;
}

std::optional<Texture> FindTexture(ImageView photo, int threads) {
  const auto places = SpreadTiles(photo, kTile, kMostTiles);
  if (std::min(photo.width(), photo.height()) < kTile || places.size() < kLeastTiles) {
    return std::nullopt;
  }
  std::vector<std::vector<float>> tiles(places.size());
  std::vector<std::vector<float>> standing_out(places.size());
  ParallelFor(static_cast<int>(places.size()), threads, [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    const Waves waves = WavesOf(LumaLevels(photo, places[i]).view(), 0);
    tiles[i].resize(kWaves);
    std::ranges::transform(waves, tiles[i].begin(), [](auto wave) { return std::abs(wave); });
    standing_out[i] = StandingOut(tiles[i]);
  });
  std::vector<float> mean(kWaves);
  for (const auto& tile : standing_out) {
    for (std::size_t i = 0; i < kWaves; ++i) {
      mean[i] += tile[i] / static_cast<float>(tiles.size());
    }
  }
  const auto strongest = [&](const auto& takes) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < kWaves; ++i) {
      const double count = CountOf(i);
      if (count < kFewest || count > kMost || !IsOffAxes(i) || !takes(i)) continue;
      if ((!best || mean[i] > mean[*best]) && IsHighest(mean, i)) best = i;
    }
    return best && mean[*best] >= kStandsOut ? best : std::nullopt;
  };
  const auto first = strongest([](std::size_t) { return true; });
  if (!first) return std::nullopt;
  const double count = CountOf(*first);
  const auto second = strongest([&](std::size_t i) {
    return IsAnotherDirection(i, *first) && std::abs(CountOf(i) - count) < kAsLong * count + 1.5;
  });
  if (!second) return std::nullopt;
  return Texture{kTile / count, LevelsOf(WavesOfPattern(mean), tiles)};
}

// Of a tile's waves, leaves what is to be taken away.
void KeepTexture(const Texture& texture, Waves* waves) {
  for (std::size_t i = 0; i < kWaves; ++i) {
    const float level = texture.levels[i];
    const float found = level > 0 ? std::abs((*waves)[i]) : 0;
    if (found == 0) {
      (*waves)[i] = 0;
      continue;
    }
    (*waves)[i] *= std::min(1.0F, level / found) * std::min(1.0F, kPictures * level / found);
  }
}

// The photo's brightness in kTile rows from `top` on, with kHop columns more at the left and room
// for whole tiles at the right; what lies beyond the photo is its mirror image.
Image BandOf(ImageView photo, int top, int columns) {
  Image band(columns, kTile, 1, SampleType::kF32);
  for (int y = 0; y < kTile; ++y) {
    const Image row = LumaLevels(photo, {0, Mirrored(top + y, photo.height()), photo.width(), 1});
    for (int x = 0; x < columns; ++x) {
      band.Row<float>(y)[x] = row.Row<float>(0)[Mirrored(x - kHop, photo.width())];
    }
  }
  return band;
}

// From all but alpha.
template <typename Sample>
void TakeFromRow(const float* texture, int y, MutableImageView photo) {
  constexpr float kMostSample = std::numeric_limits<Sample>::max();
  const int channels = photo.channels();
  const int colors = ColorChannels(channels);
  Sample* sample = photo.Row<Sample>(y);
  for (int x = 0; x < photo.width(); ++x, sample += channels) {
    for (int c = 0; c < colors; ++c) {
      sample[c] = ToSample<Sample>(static_cast<float>(sample[c]) / kMostSample - texture[x] / 255);
    }
  }
}

// In tiles that lie half over each other, a row of them at a time.
template <typename Sample>
void TakeAway(const Texture& texture, int threads, const std::stop_token& stop,
              MutableImageView photo) {
  const int tiles = (photo.width() + kHop - 1) / kHop + 1;
  const int columns = (tiles + 1) * kHop;
  Image sums(columns, kTile, 1, SampleType::kF32);
  std::fill_n(sums.Row<float>(0), columns * kTile, 0.0F);
  for (int top = -kHop; top < photo.height() && !stop.stop_requested(); top += kHop) {
    const Image band = BandOf(photo, top, columns);
    for (const int odd : {0, 1}) {  // Every second tile, which do not overlap.
      ParallelFor((tiles + 1 - odd) / 2, threads, [&](int index) {
        const int left = (2 * index + odd) * kHop;
        Waves waves = WavesOf(band.view(), left);
        KeepTexture(texture, &waves);
        Transform().Inverse(waves.data());
        for (int y = 0; y < kTile; ++y) {
          float* sum = sums.Row<float>(y) + left;
          for (int x = 0; x < kTile; ++x) {
            sum[x] += waves[static_cast<std::size_t>(y * kTile + x)].real() * Window(y) * Window(x);
          }
        }
      });
    }
    for (int y = 0; y < kHop; ++y) {
      if (top + y < 0 || top + y >= photo.height()) continue;
      TakeFromRow<Sample>(sums.Row<float>(y) + kHop, top + y, photo);
    }
    std::copy_n(sums.Row<float>(kHop), columns * kHop, sums.Row<float>(0));
    std::fill_n(sums.Row<float>(kHop), columns * kHop, 0.0F);
  }
}

}  // namespace

double RemovePaperTexture(int threads, const std::stop_token& stop, codec::Photo* photo) {
  const auto texture = FindTexture(photo->pixels.view(), threads);
  if (!texture) return 0;
  if (photo->pixels.type() == SampleType::kU8) {
    TakeAway<std::uint8_t>(*texture, threads, stop, photo->pixels.mutable_view());
  } else {
    TakeAway<std::uint16_t>(*texture, threads, stop, photo->pixels.mutable_view());
  }
  return texture->length;
}

}  // namespace gpen::restore
