#include "image/cubic_warp.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>

namespace gpen {
namespace {

constexpr int kTaps = 4;
using TapWeights = std::array<float, kTaps>;

// Of the pixels at -1, 0, 1 and 2 for a place `at` (0..1).
TapWeights WeightsOf(float at) {
  constexpr float kSteepness = -0.75F;
  const auto outer = [](float distance) {
    return kSteepness * (((distance - 5) * distance + 8) * distance - 4);
  };
  const auto inner = [](float distance) {
    return ((kSteepness + 2) * distance - (kSteepness + 3)) * distance * distance + 1;
  };
  TapWeights weights = {outer(at + 1), inner(at), inner(1 - at), 0};
  weights[3] = 1 - weights[0] - weights[1] - weights[2];
  return weights;
}

template <int kChannels>
void WarpRow(ImageView source, Point from, Point step, int width, float* target) {
  for (int i = 0; i < width; ++i, target += kChannels) {
    const Point at = from + step * i;
    const double floor_x = std::floor(at.x);
    const double floor_y = std::floor(at.y);
    const TapWeights across = WeightsOf(static_cast<float>(at.x - floor_x));
    const TapWeights down = WeightsOf(static_cast<float>(at.y - floor_y));
    // A place far outside is at the edge too.
    const int left =
        static_cast<int>(std::clamp(floor_x, -2.0, static_cast<double>(source.width()))) - 1;
    const int top =
        static_cast<int>(std::clamp(floor_y, -2.0, static_cast<double>(source.height()))) - 1;
    std::array<float, kTaps* kChannels> sums = {};  // Of four columns.
    if (left >= 0 && left + kTaps <= source.width()) {
      for (int k = 0; k < kTaps; ++k) {
        const float* row =
            source.Row<float>(std::clamp(top + k, 0, source.height() - 1)) + left * kChannels;
        const float weight = down[static_cast<std::size_t>(k)];
        for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += weight * row[j];
      }
    } else {
      for (int k = 0; k < kTaps; ++k) {
        const float* row = source.Row<float>(std::clamp(top + k, 0, source.height() - 1));
        const float weight = down[static_cast<std::size_t>(k)];
        for (int x = 0; x < kTaps; ++x) {
          const float* pixel = row + std::clamp(left + x, 0, source.width() - 1) * kChannels;
          for (int c = 0; c < kChannels; ++c) {
            sums[static_cast<std::size_t>(x * kChannels + c)] += weight * pixel[c];
          }
        }
      }
    }
    for (std::size_t c = 0; c < kChannels; ++c) {
      target[c] = across[0] * sums[c] + across[1] * sums[kChannels + c] +
                  across[2] * sums[2 * kChannels + c] + across[3] * sums[3 * kChannels + c];
    }
  }
}

}  // namespace

void WarpCubic(ImageView source, const Affine& source_from_target, MutableImageView target) {
  assert(source.channels() == target.channels() && source.type() == SampleType::kF32);
  const Point step = {source_from_target.xx, source_from_target.yx};
  for (int y = 0; y < target.height(); ++y) {
    const Point from = source_from_target({0, 1.0 * y});
    auto* row = target.Row<float>(y);
    switch (source.channels()) {
      case 1:
        WarpRow<1>(source, from, step, target.width(), row);
        break;
      case 2:
        WarpRow<2>(source, from, step, target.width(), row);
        break;
      case 3:
        WarpRow<3>(source, from, step, target.width(), row);
        break;
      default:
        WarpRow<4>(source, from, step, target.width(), row);
    }
  }
}

}  // namespace gpen
