#include "restore/screen.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numbers>
#include <vector>

#include "base/parallel.h"
#include "image/fourier.h"
#include "image/resample.h"
#include "restore/color_channels.h"
#include "restore/luma_levels.h"
#include "restore/photo_strips.h"

namespace gpen::restore {
namespace {

constexpr int kTile = 64;  // Pixels a side of the parts whose spectra are taken.
constexpr int kHalf = kTile / 2;
constexpr int kMostTiles = 10;  // Each way.
constexpr int kLeastTiles = 4;
// Waves in a tile: from 12.8 to 2.5 pixels long.
constexpr double kFewestWaves = 5;
constexpr double kMostWaves = 26;
// How far a wave stands out: in a dozen photos up to 4, in printed ones 350 and more.
constexpr float kStandsOut = 15;
constexpr float kStandsOutInTile = 8;
constexpr double kOfTheTiles = 0.5;
// Of the distance from dot to dot: leaves so little of their wave, a three hundredth, that what
// sharpens does not bring it back.
constexpr double kBlur = 0.55;
constexpr int kBand = 256;  // Rows that are blurred at a time.

// The power of a tile's waves: across -kHalf to kHalf, down 0 to kHalf. The others are the same.
class Spectrum {
 public:
  float At(int across, int down) const {
    const int sign = down < 0 ? -1 : 1;
    return values_[Index(sign * across, sign * down)];
  }
  bool Has(int across, int down) const {
    return std::max(std::abs(across), std::abs(down)) <= kHalf;
  }
  float& Of(int across, int down) { return values_[Index(across, down)]; }
  std::vector<float>& values() { return values_; }

 private:
  static constexpr int kWidth = 2 * kHalf + 1;
  static std::size_t Index(int across, int down) {
    return static_cast<std::size_t>(down * kWidth + across + kHalf);
  }
  std::vector<float> values_ = std::vector<float>(kWidth * (kHalf + 1));
};

// Through a Hann window. All of a tile's power together is 1, and less of one that is nearly even.
Spectrum SpectrumOf(const Image& levels) {
  static const FourierTransform transform(kTile);
  static const auto window = [] {
    std::array<float, kTile> values;
    for (int i = 0; i < kTile; ++i) {
      const double half_turns = std::numbers::pi * (i + 0.5) / kTile;
      values[static_cast<std::size_t>(i)] = static_cast<float>(std::pow(std::sin(half_turns), 2));
    }
    return values;
  }();
  double mean = 0;
  for (int y = 0; y < kTile; ++y) {
    for (int x = 0; x < kTile; ++x) mean += levels.Row<float>(y)[x];
  }
  mean /= kTile * kTile;
  std::vector<std::complex<float>> waves;
  waves.reserve(std::size_t{kTile} * kTile);
  for (std::size_t y = 0; y < kTile; ++y) {
    for (std::size_t x = 0; x < kTile; ++x) {
      const float level = levels.Row<float>(static_cast<int>(y))[x] - static_cast<float>(mean);
      waves.emplace_back(level * window[x] * window[y]);
    }
  }
  transform.Forward(waves.data());
  Spectrum spectrum;
  for (int down = 0; down <= kHalf; ++down) {
    for (int across = -kHalf; across <= kHalf; ++across) {
      const int x = (across + kTile) % kTile;
      spectrum.Of(across, down) = std::norm(waves[static_cast<std::size_t>(down * kTile + x)]);
    }
  }
  constexpr float kEven = 1e-3F * kTile * kTile * kTile * kTile;
  float all = kEven;
  for (const float power : spectrum.values()) all += 2 * power;
  for (float& power : spectrum.values()) power /= all;
  return spectrum;
}

// How many times as strong a wave is as those of about its length and direction, and as those of
// its direction that are somewhat longer and shorter: what runs along an axis, as houses do, has
// waves of all lengths.
float StandsOut(const Spectrum& spectrum, int across, int down) {
  constexpr int kNear = 4;
  std::vector<float> near;
  for (int y = down - kNear; y <= down + kNear; ++y) {
    for (int x = across - kNear; x <= across + kNear; ++x) {
      if (spectrum.Has(x, y)) near.push_back(spectrum.At(x, y));
    }
  }
  const auto middle = near.begin() + static_cast<std::ptrdiff_t>(near.size() / 2);
  std::ranges::nth_element(near, middle);
  const double waves = std::hypot(across, down);
  float along = 0;
  int count = 0;
  for (const int step : {-4, -3, 3, 4}) {
    const int x = static_cast<int>(std::lround(across * (1 + step / waves)));
    const int y = static_cast<int>(std::lround(down * (1 + step / waves)));
    if (!spectrum.Has(x, y)) continue;
    along += spectrum.At(x, y);
    ++count;
  }
  constexpr float kNothing = 1e-9F;
  return spectrum.At(across, down) /
         (std::max(*middle, count > 0 ? along / static_cast<float>(count) : 0) + kNothing);
}

struct Wave {
  int across = 0;
  int down = 0;
  float stands_out = 0;
};

bool IsHighest(const Spectrum& spectrum, int across, int down) {
  for (int y = down - 1; y <= down + 1; ++y) {
    for (int x = across - 1; x <= across + 1; ++x) {
      if (spectrum.At(x, y) > spectrum.At(across, down)) return false;
    }
  }
  return true;
}

// The one that stands out most.
Wave FindWave(const Spectrum& spectrum) {
  Wave best;
  for (int down = 0; down < kHalf; ++down) {
    for (int across = 1 - kHalf; across < kHalf; ++across) {
      const double waves = std::hypot(across, down);
      if (waves < kFewestWaves || waves > kMostWaves) continue;
      if (!IsHighest(spectrum, across, down)) continue;
      const float found = StandsOut(spectrum, across, down);
      if (found > best.stands_out) best = {across, down, found};
    }
  }
  return best;
}

// How much the one across `wave` stands out, as long as it but for a little.
float StandsOutAcross(const Spectrum& spectrum, const Wave& wave) {
  constexpr int kOff = 2;
  float most = 0;
  for (int y = wave.across - kOff; y <= wave.across + kOff; ++y) {
    for (int x = -wave.down - kOff; x <= -wave.down + kOff; ++x) {
      if (std::max(std::abs(x), std::abs(y)) < kHalf) {
        most = std::max(most, StandsOut(spectrum, x, y));
      }
    }
  }
  return most;
}

// The squares of a JPEG, or what an enlargement by repeating leaves, lie along the axes too.
bool IsOfSquares(const Wave& wave) { return wave.across == 0 || wave.down == 0; }

// Waves in a tile, between whole numbers of them.
double LengthOf(const Spectrum& spectrum, const Wave& wave) {
  double sum = 0;
  double across = 0;
  double down = 0;
  for (int y = wave.down - 1; y <= wave.down + 1; ++y) {
    for (int x = wave.across - 1; x <= wave.across + 1; ++x) {
      const double power = spectrum.At(x, y);
      sum += power;
      across += power * x;
      down += power * y;
    }
  }
  return kTile * sum / std::hypot(across, down);
}

// All but alpha.
template <typename Sample>
Image Blurred(ImageView photo, double blur, int threads) {
  Image result(photo.width(), photo.height(), photo.channels(), photo.type());
  const int channels = photo.channels();
  const int colors = ColorChannels(channels);
  const int reach = static_cast<int>(std::ceil(4 * blur)) + 1;
  const int bands = (photo.height() + kBand - 1) / kBand;
  ParallelFor(bands, threads, [&](int band) {
    const int top = band * kBand;
    const int end = std::min(top + kBand, photo.height());
    const Rect seen =
        Intersect({0, top - reach, photo.width(), end - top + 2 * reach}, photo.bounds());
    const Image soft = GaussianBlur(ToFloat(photo.Crop(seen)).view(), blur);
    for (int y = top; y < end; ++y) {
      const float* from = soft.Row<float>(y - seen.top);
      const Sample* before = photo.Row<Sample>(y);
      Sample* to = result.Row<Sample>(y);
      for (int x = 0; x < photo.width(); ++x) {
        for (int c = 0; c < channels; ++c, ++from, ++before, ++to) {
          *to = c < colors ? ToSample<Sample>(*from) : *before;
        }
      }
    }
  });
  return result;
}

}  // namespace

std::optional<double> MeasureScreen(ImageView photo, int threads) {
  const auto tiles = SpreadTiles(photo, kTile, kMostTiles);
  if (std::min(photo.width(), photo.height()) < kTile || tiles.size() < kLeastTiles) {
    return std::nullopt;
  }
  std::vector<Spectrum> spectra(tiles.size());
  ParallelFor(static_cast<int>(tiles.size()), threads, [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    spectra[i] = SpectrumOf(LumaLevels(photo, tiles[i]));
  });
  Spectrum all;
  for (auto& spectrum : spectra) {
    std::ranges::transform(all.values(), spectrum.values(), all.values().begin(), std::plus());
  }
  const Wave wave = FindWave(all);
  if (wave.stands_out < kStandsOut || IsOfSquares(wave)) return std::nullopt;
  if (StandsOutAcross(all, wave) < kStandsOut) return std::nullopt;
  const auto shows = std::ranges::count_if(spectra, [&](const Spectrum& spectrum) {
    return StandsOut(spectrum, wave.across, wave.down) > kStandsOutInTile;
  });
  if (static_cast<double>(shows) < kOfTheTiles * static_cast<double>(spectra.size())) {
    return std::nullopt;
  }
  return LengthOf(all, wave);
}

double RemoveScreen(int threads, codec::Photo* photo) {
  const double distance = MeasureScreen(photo->pixels.view(), threads).value_or(0);
  if (distance == 0) return 0;
  const ImageView pixels = photo->pixels.view();
  photo->pixels = pixels.type() == SampleType::kU8
                      ? Blurred<std::uint8_t>(pixels, kBlur * distance, threads)
                      : Blurred<std::uint16_t>(pixels, kBlur * distance, threads);
  return distance;
}

}  // namespace gpen::restore
