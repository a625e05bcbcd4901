#include "restore/mottle.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/parallel.h"
#include "image/resample.h"
#include "restore/color_channels.h"
#include "restore/luma_levels.h"
#include "restore/photo_strips.h"

namespace gpen::restore {
namespace {

constexpr int kTile = 256;     // Pixels a side of the parts that are measured.
constexpr int kMostTiles = 6;  // Each way.
constexpr int kCoarse = 4;     // Pixels a side of the means.
constexpr int kBlock = 8;
constexpr double kMoreEven = 0.25;  // Of the blocks, those that show least.
// Found with 16 photos in nine states: grain of 14 levels, blurred by 0.8 pixels, is best with a
// deviation of 8 (0.4 dB), of 8 levels with 4, of 4 levels, and fine grain, with none. Means of a
// photo without grain vary by 1, of a tenth of them by 3.
constexpr double kOfFine = 0.27;  // A mean of 4x4 varies by a quarter of what single pixels do.
constexpr double kNone = 2.5;
constexpr double kTimes = 2;
constexpr double kMost = 7;
constexpr double kSigma = 4.9;  // Pixels: the deviation of a square of 17.
constexpr int kBand = 256;      // Rows at a time.

// How much `levels` (kF32 x 1) vary from pixel to pixel, beyond slopes, in each block.
void AddVariation(const Image& levels, std::vector<double>* deviations) {
  const auto second = [&](int x, int y) {
    const float* above = levels.Row<float>(y - 1) + x;
    const float* here = levels.Row<float>(y) + x;
    const float* below = levels.Row<float>(y + 1) + x;
    return (4 * here[0] - 2 * (here[-1] + here[1] + above[0] + below[0]) + above[-1] + above[1] +
            below[-1] + below[1]) /
           6;
  };
  for (int top = 1; top + kBlock < levels.height(); top += kBlock) {
    for (int left = 1; left + kBlock < levels.width(); left += kBlock) {
      double sum = 0;
      for (int y = top; y < top + kBlock; ++y) {
        for (int x = left; x < left + kBlock; ++x) sum += std::pow(second(x, y), 2);
      }
      deviations->push_back(std::sqrt(sum / (kBlock * kBlock)));
    }
  }
}

double OfMoreEven(std::vector<double>* deviations) {
  if (deviations->empty()) return 0;
  const auto at = deviations->begin() +
                  static_cast<std::ptrdiff_t>(kMoreEven * static_cast<double>(deviations->size()));
  std::ranges::nth_element(*deviations, at);
  return *at;
}

// The rows of `wanted`, for which those of `seen` are looked at.
template <typename Sample>
void EvenOut(ImageView photo, const Rect& seen, const Rect& wanted, double deviation,
             MutableImageView result) {
  const Image levels = ToFloat(photo.Crop(seen));
  const auto count = static_cast<std::size_t>(levels.width()) *
                     static_cast<std::size_t>(levels.height() * levels.channels());
  Image squares = levels.Clone();
  float* square = squares.Row<float>(0);
  for (std::size_t i = 0; i < count; ++i) square[i] *= square[i];
  // A guided filter (He, Sun and Tang) whose guide is the picture itself.
  Image means = GaussianBlur(levels.view(), kSigma);
  Image shares = GaussianBlur(squares.view(), kSigma);
  float* mean = means.Row<float>(0);
  float* share = shares.Row<float>(0);
  const auto noise = static_cast<float>(std::pow(deviation / 255, 2));
  for (std::size_t i = 0; i < count; ++i) {
    const float variance = std::max(0.0F, share[i] - mean[i] * mean[i]);
    share[i] = variance / (variance + noise);
    mean[i] *= 1 - share[i];
  }
  const Image of_picture = GaussianBlur(shares.view(), kSigma);
  const Image of_mean = GaussianBlur(means.view(), kSigma);
  const int channels = photo.channels();
  const int colors = ColorChannels(channels);
  for (int y = wanted.top; y < wanted.bottom(); ++y) {
    const int row = y - seen.top;
    const float* picture = levels.Row<float>(row);
    const float* part = of_picture.Row<float>(row);
    const float* rest = of_mean.Row<float>(row);
    Sample* to = result.Row<Sample>(y);
    for (int i = 0; i < photo.width() * channels; ++i) {
      if (i % channels < colors) to[i] = ToSample<Sample>(part[i] * picture[i] + rest[i]);
    }
  }
}

}  // namespace

double MeasureMottle(ImageView photo) {
  std::vector<double> fine;
  std::vector<double> coarse;
  for (const Rect& tile : SpreadTiles(photo, kTile, kMostTiles)) {
    const Image levels = LumaLevels(photo, tile);
    AddVariation(levels, &fine);
    if (std::min(levels.width(), levels.height()) < 2 * kCoarse * kBlock) continue;
    AddVariation(Resize(levels.view(), levels.width() / kCoarse, levels.height() / kCoarse),
                 &coarse);
  }
  const double clumps = OfMoreEven(&coarse) - kOfFine * OfMoreEven(&fine);
  return std::clamp(kTimes * (clumps - kNone), 0.0, kMost);
}

void RemoveMottle(double deviation, int threads, MutableImageView photo) {
  if (deviation <= 0) return;
  const Image before = CopyOf(photo);
  const int bands = (photo.height() + kBand - 1) / kBand;
  const int reach = 2 * (static_cast<int>(std::ceil(4 * kSigma)) + 1);
  ParallelFor(bands, threads, [&](int band) {
    const Rect wanted = Intersect({0, band * kBand, photo.width(), kBand}, before.view().bounds());
    const Rect seen = Intersect({0, wanted.top - reach, photo.width(), wanted.height + 2 * reach},
                                before.view().bounds());
    if (photo.type() == SampleType::kU8) {
      EvenOut<std::uint8_t>(before.view(), seen, wanted, deviation, photo);
    } else {
      EvenOut<std::uint16_t>(before.view(), seen, wanted, deviation, photo);
    }
  });
}

}  // namespace gpen::restore
