// A decoder level's picture: the sum over its channels, added to the picture so far, enlarged.
#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/layers.h"
#include "kernels/parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/to_rgb.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gpen::kernels::HWY_NAMESPACE {

// The enlarged picture at row `y`. Along an axis an even output takes taps 1 and 3 of its own input
// and the one before, an odd one taps 2 and 0 of its own and the one after.
void EnlargeRow(const float* plane, int height, int width, int y, const float* kernel, float* to) {
  const bool odd_row = y % 2 != 0;
  const int near_row = y / 2, far_row = near_row + (odd_row ? 1 : -1);
  const float* near_taps = kernel + (odd_row ? 8 : 4);
  const float* far_taps = kernel + (odd_row ? 0 : 12);
  const float* rows[2] = {plane + std::ptrdiff_t{near_row} * width,
                          plane + std::ptrdiff_t{far_row} * width};
  const float* taps[2] = {near_taps, far_taps};
  const int count = far_row >= 0 && far_row < height ? 2 : 1;
  FillZero(to, 2 * width);
  for (int i = 0; i < count; ++i) {
    const float* row = rows[i];
    const float* k = taps[i];
    for (int x = 0; x < width; ++x) {
      to[2 * x] += k[1] * row[x] + (x > 0 ? k[3] * row[x - 1] : 0);
      to[2 * x + 1] += k[2] * row[x] + (x + 1 < width ? k[0] * row[x + 1] : 0);
    }
  }
}

// The sums of four colors at one pixel.
template <int kColors>
void SumColors(const StyledInput& input, const float* image, const float* feature,
               const float* weight, float* sums) {
  const int channels = input.channels;
  const auto add = [&](auto d, int channel, int end) HWY_ATTR {
    const int lanes = static_cast<int>(hn::Lanes(d));
    hn::Vec<decltype(d)> total[kColors];
    for (int k = 0; k < kColors; ++k) total[k] = hn::Zero(d);
    for (int c = channel; c < end; c += lanes) {
      const auto convolved = hn::LoadU(d, image + c);
      const auto seen =
          Activate(d, hn::MulAdd(hn::LoadU(d, feature + c), hn::Set(d, input.feature_scale),
                                 hn::LoadU(d, input.feature_bias + c)));
      for (int k = 0; k < kColors; ++k) {
        const float* row = weight + std::ptrdiff_t{k} * 2 * channels + c;
        total[k] = hn::MulAdd(convolved, hn::LoadU(d, row), total[k]);
        total[k] = hn::MulAdd(seen, hn::LoadU(d, row + channels), total[k]);
      }
    }
    for (int k = 0; k < kColors; ++k) sums[k] += hn::GetLane(hn::SumOfLanes(d, total[k]));
  };
  const hn::ScalableTag<float> wide;
  const int lanes = static_cast<int>(hn::Lanes(wide));
  const int whole = channels / lanes * lanes;
  if (whole > 0) add(wide, 0, whole);
  if (whole < channels) add(hn::CappedTag<float, 1>(), whole, channels);
}

void SumRows(const ToRgb& layer, const Part& part, const float* weight, float* output) {
  const StyledInput& input = layer.input;
  const std::ptrdiff_t plane = std::ptrdiff_t{input.height} * input.width;
  const std::ptrdiff_t skip_plane = plane / 4;
  constexpr int kAtOnce = 3;
  for (int y = part.first_row; y < part.end_row; ++y) {
    float* row = output + std::ptrdiff_t{y} * input.width;
    for (int k = 0; k < layer.colors; ++k) {
      EnlargeRow(layer.skip + k * skip_plane, input.height / 2, input.width / 2, y, layer.enlarge,
                 row + k * plane);
    }
    for (int x = 0; x < input.width; ++x) {
      const std::ptrdiff_t pixel = (std::ptrdiff_t{y} * input.width + x) * input.channels;
      for (int k = 0; k < layer.colors;) {
        float sums[kAtOnce] = {};
        const float* rows = weight + std::ptrdiff_t{k} * 2 * input.channels;
        const int count = layer.colors - k >= kAtOnce ? kAtOnce : 1;
        if (count == kAtOnce) {
          SumColors<kAtOnce>(input, input.image + pixel, input.feature + pixel, rows, sums);
        } else {
          SumColors<1>(input, input.image + pixel, input.feature + pixel, rows, sums);
        }
        for (int i = 0; i < count; ++i, ++k) row[k * plane + x] += sums[i] + layer.bias[k];
      }
    }
  }
}

}  // namespace gpen::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gpen::kernels {

HWY_EXPORT(SumRows);

void Run(const ToRgb& layer, float* output, const Workers& workers) {
  // The style goes into the few weights.
  const auto inputs = static_cast<std::size_t>(2 * layer.input.channels);
  std::vector<float> styled(static_cast<std::size_t>(layer.colors) * inputs);
  for (std::size_t i = 0; i < styled.size(); ++i) {
    styled[i] = layer.weight[i] * layer.input.style[i % inputs];
  }
  const int height = layer.input.height;
  const auto parts = CutIntoParts(height, std::min(height, 4 * workers.threads), 1, 1);
  workers.for_each(static_cast<int>(parts.size()), [&](int i) {
    HWY_DYNAMIC_DISPATCH(SumRows)(layer, parts[static_cast<std::size_t>(i)], styled.data(), output);
  });
}

}  // namespace gpen::kernels
#endif
