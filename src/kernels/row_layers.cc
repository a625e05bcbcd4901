// Convolutions of some rows: the sums are products-inl.h's, over rows that somebody else keeps.
#include "kernels/row_layers.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "kernels/parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/row_layers.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/products-inl.h"
#include "kernels/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gpen::kernels::HWY_NAMESPACE {

constexpr int kMostTaps = 64;

template <class D, class V = hn::Vec<D>>
HWY_INLINE V EndSum(D d, V sum, const RowEnding& ending, int channel) {
  switch (ending.activation) {
    case Activation::kNone:
      return sum;
    case Activation::kRelu:
      return hn::Max(sum, hn::Zero(d));
    case Activation::kSloped:
      break;
  }
  const V slope = hn::LoadU(d, ending.slope + channel);
  return hn::MulAdd(slope, hn::Min(sum, hn::Zero(d)), hn::Max(sum, hn::Zero(d)));
}

// Some pixels of an output row.
struct Piece {
  const Tap* taps;     // Of the first block and the first of the pixels.
  const float* added;  // At the first of the pixels, as is `output`.
  float* output;
  int pixels;
};

// `taps`: what one block of weights is multiplied with, `depth` values each.
void ConvolvePieces(const RowConvolution& layer, std::span<const Piece> pieces, int tap_count,
                    int depth, std::ptrdiff_t input_step) {
  const std::ptrdiff_t block_floats = std::ptrdiff_t{tap_count} * depth * layer.block;
  for (int channel = 0; channel < layer.out; channel += layer.block) {
    RowEnding ending = layer.ending;
    ending.bias += channel;
    if (ending.slope != nullptr) ending.slope += channel;
    const std::ptrdiff_t weights = channel / layer.block * block_floats;
    for (const Piece& piece : pieces) {
      std::array<Tap, kMostTaps> taps;
      for (int t = 0; t < tap_count; ++t) {
        taps[static_cast<std::size_t>(t)] = {piece.taps[t].input, piece.taps[t].weight + weights};
      }
      const Products products = {taps.data(), tap_count, depth, input_step, layer.block};
      const float* added = piece.added == nullptr ? nullptr : piece.added + channel;
      float* output = piece.output + channel;
      Multiply(products, piece.pixels,
               [ending, added, output, step = std::ptrdiff_t{layer.out}](auto d, int x, int c,
                                                                         auto sum) HWY_ATTR {
                 const std::ptrdiff_t at = x * step + c;
                 sum = hn::Add(sum, hn::LoadU(d, ending.bias + c));
                 if (added != nullptr) sum = hn::Add(sum, hn::LoadU(d, added + at));
                 hn::StoreU(EndSum(d, sum, ending, c), d, output + at);
               });
    }
  }
}

// So many pixels that they and a block of weights stay in the nearest cache.
int PiecePixels(int depth) { return std::clamp(6144 / depth / 12, 2, 10) * 12; }

void ConvolveRows(const RowConvolution& layer, std::span<const LayerRow> rows, int width) {
  const Taps& kernel = layer.taps;
  // Taps that lie side by side are one, with the inputs of all.
  const bool joined = kernel.dilation == 1;
  const int columns = joined ? 1 : kernel.width;
  const int depth = joined ? kernel.width * layer.in : layer.in;
  const int tap_count = kernel.height * columns;
  const std::ptrdiff_t step = std::ptrdiff_t{kernel.stride} * layer.in;
  const int most = PiecePixels(depth * kernel.height);
  constexpr std::size_t kMostPieces = 16;
  std::array<Tap, kMostPieces * kMostTaps> taps;
  std::array<Piece, kMostPieces> pieces;
  std::size_t count = 0;
  int pixels = 0;
  const auto flush = [&] {
    ConvolvePieces(layer, std::span(pieces).first(count), tap_count, depth, step);
    count = 0;
    pixels = 0;
  };
  for (const LayerRow& row : rows) {
    for (int x = 0; x < width;) {
      const int now = std::min(width - x, most);
      Tap* piece_taps = &taps[count * kMostTaps];
      for (int t = 0; t < tap_count; ++t) {
        piece_taps[t] = {row.input[t / columns] + x * step +
                             std::ptrdiff_t{t % columns} * kernel.dilation * layer.in,
                         layer.weights + std::ptrdiff_t{t} * depth * layer.block};
      }
      const std::ptrdiff_t at = std::ptrdiff_t{x} * layer.out;
      pieces[count++] = {piece_taps, row.added == nullptr ? nullptr : row.added + at,
                         row.output + at, now};
      pixels += now;
      x += now;
      if (pixels >= most || count == kMostPieces) flush();
    }
  }
  flush();
}

// 3x3, four pixels at a time, so that few inputs are read twice and the sums do not wait for each
// other. `rows` are at the first tap of the first pixel.
template <int kStride>
HWY_INLINE void ThreeByThree(const RowDepthwise& layer, const float* const rows[3], int pixels,
                             float* output) {
  constexpr int kPixels = 4;
  constexpr int kColumns = (kPixels - 1) * kStride + 3;
  const int channels = layer.channels;
  ForChannels(channels, [&](auto d, int c) HWY_ATTR {
    using V = hn::Vec<decltype(d)>;
    const V bias = hn::LoadU(d, layer.ending.bias + c);
    int x = 0;
    for (; x + kPixels <= pixels; x += kPixels) {
      V sums[kPixels];
      for (int p = 0; p < kPixels; ++p) sums[p] = bias;
      for (int k = 0; k < 3; ++k) {
        const float* HWY_RESTRICT row = rows[k] + std::ptrdiff_t{x} * kStride * channels + c;
        const float* HWY_RESTRICT weight = layer.weights + std::ptrdiff_t{3} * k * channels + c;
        V columns[kColumns];
        for (int i = 0; i < kColumns; ++i) {
          columns[i] = hn::LoadU(d, row + std::ptrdiff_t{i} * channels);
        }
        for (int j = 0; j < 3; ++j) {
          const V w = hn::LoadU(d, weight + std::ptrdiff_t{j} * channels);
          for (int p = 0; p < kPixels; ++p) {
            sums[p] = hn::MulAdd(columns[p * kStride + j], w, sums[p]);
          }
        }
      }
      for (int p = 0; p < kPixels; ++p) {
        hn::StoreU(EndSum(d, sums[p], layer.ending, c), d,
                   output + std::ptrdiff_t{x + p} * channels + c);
      }
    }
    for (; x < pixels; ++x) {
      V sum = bias;
      for (int k = 0; k < 9; ++k) {
        const float* row = rows[k / 3] + (std::ptrdiff_t{x} * kStride + k % 3) * channels + c;
        sum = hn::MulAdd(hn::LoadU(d, row),
                         hn::LoadU(d, layer.weights + std::ptrdiff_t{k} * channels + c), sum);
      }
      hn::StoreU(EndSum(d, sum, layer.ending, c), d, output + std::ptrdiff_t{x} * channels + c);
    }
  });
}

// Of any size.
HWY_INLINE void AnyDepthwise(const RowDepthwise& layer, const float* const* rows, int pixels,
                             float* output) {
  const Taps& kernel = layer.taps;
  const int channels = layer.channels;
  ForChannels(channels, [&](auto d, int c) HWY_ATTR {
    for (int x = 0; x < pixels; ++x) {
      auto sum = hn::LoadU(d, layer.ending.bias + c);
      for (int ky = 0; ky < kernel.height; ++ky) {
        for (int kx = 0; kx < kernel.width; ++kx) {
          const float* weight =
              layer.weights + (std::ptrdiff_t{ky} * kernel.width + kx) * channels + c;
          const float* input = rows[ky] + (std::ptrdiff_t{x} * kernel.stride + kx) * channels + c;
          sum = hn::MulAdd(hn::LoadU(d, input), hn::LoadU(d, weight), sum);
        }
      }
      hn::StoreU(EndSum(d, sum, layer.ending, c), d, output + std::ptrdiff_t{x} * channels + c);
    }
  });
}

void Depthwise(const RowDepthwise& layer, const float* const* input, int first, int pixels,
               float* output) {
  const Taps& kernel = layer.taps;
  std::array<const float*, kMostTaps> rows;
  for (int k = 0; k < kernel.height; ++k) {
    rows[static_cast<std::size_t>(k)] =
        input[k] + std::ptrdiff_t{first} * kernel.stride * layer.channels;
  }
  const bool small = kernel.height == 3 && kernel.width == 3;
  if (small && kernel.stride == 1) return ThreeByThree<1>(layer, rows.data(), pixels, output);
  if (small && kernel.stride == 2) return ThreeByThree<2>(layer, rows.data(), pixels, output);
  AnyDepthwise(layer, rows.data(), pixels, output);
}

void ConvolveSeparableRows(const RowDepthwise& depthwise, const RowConvolution& pointwise,
                           std::span<const LayerRow> rows, int width) {
  const int channels = depthwise.channels;
  const int most = PiecePixels(channels);
  constexpr std::size_t kMostPieces = 16;
  float* between =
      Workspace(static_cast<std::size_t>(2 * most) * static_cast<std::size_t>(channels));
  std::array<Tap, kMostPieces> taps;
  std::array<Piece, kMostPieces> pieces;
  std::size_t count = 0;
  int pixels = 0;
  const auto flush = [&] {
    ConvolvePieces(pointwise, std::span(pieces).first(count), 1, channels, channels);
    count = 0;
    pixels = 0;
  };
  for (const LayerRow& row : rows) {
    for (int x = 0; x < width;) {
      const int now = std::min(width - x, most);
      float* to = between + std::ptrdiff_t{pixels} * channels;
      Depthwise(depthwise, row.input, x, now, to);
      taps[count] = {to, pointwise.weights};
      const std::ptrdiff_t at = std::ptrdiff_t{x} * pointwise.out;
      pieces[count] = {&taps[count], row.added == nullptr ? nullptr : row.added + at,
                       row.output + at, now};
      ++count;
      pixels += now;
      x += now;
      if (pixels >= most || count == kMostPieces) flush();
    }
  }
  flush();
}

void LargestOfFour(const float* upper, const float* lower, int step, int width, float* output) {
  ForChannels(step, [&](auto d, int c) HWY_ATTR {
    for (int x = 0; x < width; ++x) {
      const std::ptrdiff_t at = std::ptrdiff_t{2} * x * step + c;
      const auto above = hn::Max(hn::LoadU(d, upper + at), hn::LoadU(d, upper + at + step));
      const auto below = hn::Max(hn::LoadU(d, lower + at), hn::LoadU(d, lower + at + step));
      hn::StoreU(hn::Max(above, below), d, output + std::ptrdiff_t{x} * step + c);
    }
  });
}

}  // namespace gpen::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gpen::kernels {

HWY_EXPORT(ConvolveRows);
HWY_EXPORT(ConvolveSeparableRows);
HWY_EXPORT(LargestOfFour);

int BlockFor(int out) {
  for (const int block : {32, 48, 24, 16}) {
    if (out % block == 0) return block;
  }
  return kStepFloats;
}

void Run(const RowConvolution& layer, std::span<const LayerRow> rows, int width) {
  HWY_DYNAMIC_DISPATCH(ConvolveRows)(layer, rows, width);
}

void Run(const RowDepthwise& depthwise, const RowConvolution& pointwise,
         std::span<const LayerRow> rows, int width) {
  HWY_DYNAMIC_DISPATCH(ConvolveSeparableRows)(depthwise, pointwise, rows, width);
}

void MaxPoolRow(const float* upper, const float* lower, int step, int width, float* output) {
  HWY_DYNAMIC_DISPATCH(LargestOfFour)(upper, lower, step, width, output);
}

}  // namespace gpen::kernels
#endif
