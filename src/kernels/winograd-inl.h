// Winograd's convolution F(4x4, 3x3): a quarter of the products. The points are 0, 1, -1, 2, -2 and
// infinity. Included once for each set of vector instructions (Highway).
#if defined(GPEN_KERNELS_WINOGRAD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GPEN_KERNELS_WINOGRAD_INL_H
#undef GPEN_KERNELS_WINOGRAD_INL_H
#else
#define GPEN_KERNELS_WINOGRAD_INL_H
#endif

#include <hwy/highway.h>

#include <cstddef>

#include "kernels/layers.h"
#include "kernels/parts.h"
#include "kernels/products-inl.h"
#include "kernels/rows-inl.h"
#include "kernels/winograd.h"

HWY_BEFORE_NAMESPACE();
namespace gpen::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Three taps of a kernel as six factors.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void TransformTaps(D d, const V in[3], V out[6]) {
  const V sixth = hn::Set(d, 1.0F / 6);
  const V twelfth = hn::Set(d, 1.0F / 12);
  const V sum = hn::Add(in[0], in[2]);
  const V weighted = hn::MulAdd(in[0], hn::Set(d, 1.0F / 24), hn::Mul(in[2], sixth));
  out[0] = hn::Mul(in[0], hn::Set(d, 0.25F));
  out[1] = hn::Neg(hn::Mul(hn::Add(sum, in[1]), sixth));
  out[2] = hn::Mul(hn::Sub(in[1], sum), sixth);
  out[3] = hn::MulAdd(in[1], twelfth, weighted);
  out[4] = hn::NegMulAdd(in[1], twelfth, weighted);
  out[5] = in[2];
}

// Six inputs as the six factors that meet those of the taps.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void TransformInputs(D d, const V in[6], V out[6]) {
  const V four = hn::Set(d, 4.0F);
  const V five = hn::Set(d, 5.0F);
  const V two = hn::Set(d, 2.0F);
  out[0] = hn::MulAdd(in[0], four, hn::NegMulAdd(in[2], five, in[4]));
  const V even = hn::NegMulAdd(in[2], four, in[4]);
  const V odd = hn::NegMulAdd(in[1], four, in[3]);
  out[1] = hn::Add(even, odd);
  out[2] = hn::Sub(even, odd);
  const V outer = hn::Sub(in[4], in[2]);
  const V inner = hn::Sub(in[3], in[1]);
  out[3] = hn::MulAdd(inner, two, outer);
  out[4] = hn::NegMulAdd(inner, two, outer);
  out[5] = hn::MulAdd(in[1], four, hn::NegMulAdd(in[3], five, in[5]));
}

// Six sums of products as four outputs.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void TransformOutputs(D d, const V in[6], V out[4]) {
  const V near_sum = hn::Add(in[1], in[2]);
  const V near_difference = hn::Sub(in[1], in[2]);
  const V far_sum = hn::Add(in[3], in[4]);
  const V far_difference = hn::Sub(in[3], in[4]);
  out[0] = hn::Add(in[0], hn::Add(near_sum, far_sum));
  out[1] = hn::MulAdd(far_difference, hn::Set(d, 2.0F), near_difference);
  out[2] = hn::MulAdd(far_sum, hn::Set(d, 4.0F), near_sum);
  out[3] = hn::Add(in[5], hn::MulAdd(far_difference, hn::Set(d, 8.0F), near_difference));
}

// One block of output channels. `transformed` is 36 x blocks x in x block.
inline void TransformWinogradWeights(const Weights& weights, int block, float* transformed) {
  const std::ptrdiff_t tap = std::ptrdiff_t{weights.in} * weights.block;
  const float* from = weights.values + 9 * block * tap;
  float* to = transformed + block * tap;
  const std::ptrdiff_t product = std::ptrdiff_t{weights.in} * weights.out;
  for (int i = 0; i < weights.in; ++i, from += weights.block, to += weights.block) {
    ForChannels(weights.block, [&](auto d, int c) HWY_ATTR {
      using V = hn::Vec<decltype(d)>;
      V columns[3][6];
      for (int x = 0; x < 3; ++x) {
        const V in[3] = {hn::LoadU(d, from + x * tap + c), hn::LoadU(d, from + (3 + x) * tap + c),
                         hn::LoadU(d, from + (6 + x) * tap + c)};
        TransformTaps(d, in, columns[x]);
      }
      for (int y = 0; y < 6; ++y) {
        const V in[3] = {columns[0][y], columns[1][y], columns[2][y]};
        V out[6];
        TransformTaps(d, in, out);
        for (int x = 0; x < 6; ++x) hn::StoreU(out[x], d, to + (6 * y + x) * product + c);
      }
    });
  }
}

// The 6x6 pixels at `pixels` as 36 factors for each channel, `product` floats apart.
inline void TransformTile(const float* pixels, std::ptrdiff_t row, std::ptrdiff_t step,
                          int channels, float* factors, std::ptrdiff_t product) {
  ForChannels(channels, [&](auto d, int c) HWY_ATTR {
    using V = hn::Vec<decltype(d)>;
    V columns[6][6];
    for (int x = 0; x < 6; ++x) {
      V in[6];
      for (int y = 0; y < 6; ++y) in[y] = hn::LoadU(d, pixels + y * row + x * step + c);
      TransformInputs(d, in, columns[x]);
    }
    for (int y = 0; y < 6; ++y) {
      V in[6], out[6];
      for (int x = 0; x < 6; ++x) in[x] = columns[x][y];
      TransformInputs(d, in, out);
      for (int x = 0; x < 6; ++x) hn::StoreU(out[x], d, factors + (6 * y + x) * product + c);
    }
  });
}

// 36 sums for each channel as 4x4 finished pixels of `output`, whose rows are `row` floats apart.
inline void FinishTile(const float* sums, std::ptrdiff_t product, const Ending& ending,
                       int channels, float* output, std::ptrdiff_t row) {
  ForChannels(channels, [&](auto d, int c) HWY_ATTR {
    using V = hn::Vec<decltype(d)>;
    V columns[6][4];
    for (int x = 0; x < 6; ++x) {
      V in[6];
      for (int y = 0; y < 6; ++y) in[y] = hn::LoadU(d, sums + (6 * y + x) * product + c);
      TransformOutputs(d, in, columns[x]);
    }
    for (int y = 0; y < 4; ++y) {
      V in[6], out[4];
      for (int x = 0; x < 6; ++x) in[x] = columns[x][y];
      TransformOutputs(d, in, out);
      for (int x = 0; x < 4; ++x) {
        hn::StoreU(Finish(d, out[x], ending, c), d,
                   output + y * row + std::ptrdiff_t{x} * channels + c);
      }
    }
  });
}

inline void ConvolveWinogradTiles(const StyledConvolution& layer, const TileRange& range,
                                  float* output) {
  const Weights& weights = layer.weights;
  const int step = PixelStep(weights.in);
  const int width = kWinogradOutputs * range.columns + 2;
  const int height = kWinogradOutputs * range.rows + 2;
  const int tiles = range.rows * range.columns;
  const std::ptrdiff_t row = std::ptrdiff_t{width} * step;
  const std::ptrdiff_t in_product = std::ptrdiff_t{tiles} * step + 16;
  const int out_step = PixelStep(weights.out);
  const std::ptrdiff_t out_product = std::ptrdiff_t{tiles} * out_step + 16;
  float* styled = Workspace(
      static_cast<std::size_t>(height * row + kWinogradProducts * (in_product + out_product)));
  float* factors = styled + height * row;
  float* sums = factors + kWinogradProducts * in_product;

  const int left = kWinogradOutputs * range.first_column - 1;
  for (int y = 0; y < height; ++y) {
    StyleRow(layer.input, kWinogradOutputs * range.first_row - 1 + y, left, left + width, step,
             styled + y * row);
  }
  for (int t = 0; t < tiles; ++t) {
    const int y = t / range.columns, x = t % range.columns;
    TransformTile(styled + kWinogradOutputs * (y * row + std::ptrdiff_t{x} * step), row, step,
                  weights.in, factors + std::ptrdiff_t{t} * step, in_product);
  }
  const std::ptrdiff_t block_floats = std::ptrdiff_t{weights.in} * weights.block;
  const int blocks = weights.out / weights.block;
  for (int product = 0; product < kWinogradProducts; ++product) {
    for (int block = 0; block < blocks; ++block) {
      const Tap tap = {factors + product * in_product,
                       layer.winograd->values() + (product * blocks + block) * block_floats};
      float* to = sums + product * out_product + block * weights.block;
      Multiply({&tap, 1, weights.in, step, weights.block}, tiles,
               [&](auto d, int tile, int c, auto sum)
                   HWY_ATTR { hn::StoreU(sum, d, to + std::ptrdiff_t{tile} * out_step + c); });
    }
  }
  const std::ptrdiff_t output_row = std::ptrdiff_t{layer.input.width} * weights.out;
  for (int t = 0; t < tiles; ++t) {
    const int y = kWinogradOutputs * (range.first_row + t / range.columns);
    const int x = kWinogradOutputs * (range.first_column + t % range.columns);
    FinishTile(sums + std::ptrdiff_t{t} * out_step, out_product, layer.ending, weights.out,
               output + y * output_row + std::ptrdiff_t{x} * weights.out, output_row);
  }
}

}  // namespace gpen::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
