#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "image/axis_weights.h"
#include "image/resample.h"
#include "image/row_sums.h"
#include "image/weighted_sums.h"

namespace gpen {
namespace {

constexpr double kStepsInSigma = 3;  // Of a wide blur's coarse picture.
constexpr double kReach = 4;         // Sigmas after which nothing is left.

std::vector<float> Kernel(double sigma) {
  const auto reach = static_cast<int>(std::lround(kReach * sigma));
  std::vector<double> weights;
  double sum = 0;
  for (int i = -reach; i <= reach; ++i) {
    weights.push_back(i == 0 ? 1 : std::exp(-i * i / (2 * sigma * sigma)));
    sum += weights.back();
  }
  std::vector<float> kernel;
  for (const double weight : weights) kernel.push_back(static_cast<float>(weight / sum));
  return kernel;
}

/// `at`, mirrored at the ends of 0..size-1 as often as it takes.
int Reflected(int at, int size) {
  while (at < 0 || at >= size) at = at < 0 ? -at - 1 : 2 * size - 1 - at;
  return at;
}

Image Blur(ImageView source, double sigma_x, double sigma_y) {
  const int width = source.width();
  const int height = source.height();
  const int channels = source.channels();
  Image target(width, height, channels, SampleType::kF32);
  const std::vector<float> along = Kernel(sigma_x);
  const std::vector<float> down = Kernel(sigma_y);
  const int reach = static_cast<int>(along.size()) / 2;
  const int reach_down = static_cast<int>(down.size()) / 2;
  const auto samples = static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  const auto margin = static_cast<std::size_t>(reach) * static_cast<std::size_t>(channels);
  std::vector<float> padded(samples + 2 * margin);
  float* const middle = padded.data() + margin;
  std::vector<const float*> columns;
  for (int k = -reach; k <= reach; ++k) columns.push_back(middle + k * channels);
  std::vector<const float*> rows(down.size());
  for (int y = 0; y < height; ++y) {
    for (int k = -reach_down; k <= reach_down; ++k) {
      rows[static_cast<std::size_t>(k + reach_down)] = source.Row<float>(Reflected(y + k, height));
    }
    SumRows(std::span<const float* const>(rows), down.data(), samples, middle);
    for (int x = -reach; x < 0; ++x) {
      std::copy_n(middle + Reflected(x, width) * channels, channels, middle + x * channels);
      const int right = width - 1 - x;
      std::copy_n(middle + Reflected(right, width) * channels, channels, middle + right * channels);
    }
    SumRows(std::span<const float* const>(columns), along.data(), samples, target.Row<float>(y));
  }
  return target;
}

}  // namespace

Image GaussianBlur(ImageView source, double sigma) {
  const int width = source.width();
  const int height = source.height();
  const int step = static_cast<int>(sigma / kStepsInSigma);
  const int coarse_width = width / std::max(step, 1);
  const int coarse_height = height / std::max(step, 1);
  if (step < 2 || coarse_width == 0 || coarse_height == 0) return Blur(source, sigma, sigma);
  // What a wide blur leaves can be told from fewer pixels; of all of them it would cost more than
  // the network does.
  const Image means = WeightedSums(source, AxisWeights::Mean(width, coarse_width),
                                   AxisWeights::Mean(height, coarse_height));
  // Averaging over a step and interpolating between steps are blurs themselves, of 1/12 and 1/6 of
  // a squared step.
  const auto rest = [&](int pixels, int steps) {
    const double in_steps = sigma * steps / pixels;
    return std::sqrt(in_steps * in_steps - 0.25);
  };
  const Image blurred = Blur(means.view(), rest(width, coarse_width), rest(height, coarse_height));
  return WeightedSums(blurred.view(), AxisWeights::Linear(coarse_width, width),
                      AxisWeights::Linear(coarse_height, height));
}

}  // namespace gpen
