// Rows of channels-last maps: the styled input of a decoder layer, blurs, and a convolution's
// ending. Included once for each set of vector instructions (Highway).
#if defined(GPEN_KERNELS_ROWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GPEN_KERNELS_ROWS_INL_H
#undef GPEN_KERNELS_ROWS_INL_H
#else
#define GPEN_KERNELS_ROWS_INL_H
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstring>

#include "kernels/layers.h"

HWY_BEFORE_NAMESPACE();
namespace gpen::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Calls work(d, channel) for all channels in vectors of the widest kind that still fits.
template <class Work>
HWY_INLINE void ForChannels(int channels, const Work& work) {
  int channel = 0;
  const hn::ScalableTag<float> wide;
  const int lanes = static_cast<int>(hn::Lanes(wide));
  for (; channel + lanes <= channels; channel += lanes) work(wide, channel);
  const hn::CappedTag<float, 8> half;
  const int half_lanes = static_cast<int>(hn::Lanes(half));
  for (; channel + half_lanes <= channels; channel += half_lanes) work(half, channel);
  const hn::CappedTag<float, 4> narrow;
  for (; channel + 4 <= channels; channel += 4) work(narrow, channel);
  const hn::CappedTag<float, 1> single;
  for (; channel < channels; ++channel) work(single, channel);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V Activate(D d, V x) {
  return hn::Max(x, hn::Mul(x, hn::Set(d, 0.2F)));
}

// A convolution's sum of one channel vector becomes its output.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Finish(D d, V sum, const Ending& ending, int channel) {
  const V bias = hn::LoadU(d, ending.bias + channel);
  if (ending.factor == nullptr) return Activate(d, hn::Add(sum, bias));
  return Activate(d, hn::MulAdd(sum, hn::LoadU(d, ending.factor + channel), bias));
}

inline void FillZero(float* row, std::ptrdiff_t floats) {
  std::memset(row, 0, static_cast<std::size_t>(floats) * sizeof(float));
}

// Pixels [first, end) of row `y` times their styles, `step` floats apart; zeros outside of the map.
inline void StyleRow(const StyledInput& input, int y, int first, int end, int step, float* row) {
  const int channels = input.channels;
  for (int x = first; x < end; ++x, row += step) {
    if (y < 0 || y >= input.height || x < 0 || x >= input.width) {
      FillZero(row, 2 * channels);
      continue;
    }
    const std::ptrdiff_t pixel = (std::ptrdiff_t{y} * input.width + x) * channels;
    const float* HWY_RESTRICT image = input.image + pixel;
    const float* HWY_RESTRICT feature = input.feature + pixel;
    ForChannels(channels, [&](auto d, int c) HWY_ATTR {
      hn::StoreU(hn::Mul(hn::LoadU(d, image + c), hn::LoadU(d, input.style + c)), d, row + c);
      const auto seen =
          Activate(d, hn::MulAdd(hn::LoadU(d, feature + c), hn::Set(d, input.feature_scale),
                                 hn::LoadU(d, input.feature_bias + c)));
      hn::StoreU(hn::Mul(seen, hn::LoadU(d, input.style + channels + c)), d, row + channels + c);
    });
  }
}

// A row of a blurred map: `kernel` over four rows of `columns` pixels, `step` floats apart, of
// which `pad` come before the first. Calls store(d, x, channel, sum) for every x in [0, outputs).
// Columns pass once; what each adds to the next four outputs is kept in registers.
template <class Store>
void BlurRow(const float* const rows[4], int step, int columns, int pad, int channels,
             const float* kernel, int outputs, const Store& store) {
  ForChannels(channels, [&](auto d, int c) HWY_ATTR {
    using V = hn::Vec<decltype(d)>;
    V taps[16];
    for (int i = 0; i < 16; ++i) taps[i] = hn::Set(d, kernel[i]);
    V sums[4];  // sums[k] has met the taps up to column k of the kernel.
    for (int k = 0; k < 4; ++k) sums[k] = hn::Zero(d);
    std::ptrdiff_t offset = c;
    for (int column = 0; column < columns; ++column, offset += step) {
      V pixel[4];
      for (int y = 0; y < 4; ++y) pixel[y] = hn::LoadU(d, rows[y] + offset);
      for (int k = 0; k < 4; ++k) {
        for (int y = 0; y < 4; ++y) sums[k] = hn::MulAdd(pixel[y], taps[4 * y + k], sums[k]);
      }
      if (column >= 3 - pad) store(d, column - 3 + pad, c, sums[3]);
      for (int k = 3; k > 0; --k) sums[k] = sums[k - 1];
      sums[0] = hn::Zero(d);
    }
    for (int x = columns - 3 + pad; x < outputs; ++x) {
      if (x >= 0) store(d, x, c, sums[3]);
      for (int k = 3; k > 0; --k) sums[k] = sums[k - 1];
    }
  });
}

}  // namespace gpen::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
