// The encoder's layers: from the picture to channels-last, then blurred convolutions that halve the
// size.
#include <algorithm>
#include <cstddef>

#include "kernels/layers.h"
#include "kernels/parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/encoder_convolution.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/products-inl.h"
#include "kernels/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gpen::kernels::HWY_NAMESPACE {

void ConvolvePointwise(const PointwiseConvolution& layer, const Part& part, float* output) {
  const std::ptrdiff_t plane = std::ptrdiff_t{layer.height} * layer.width;
  const std::ptrdiff_t end = std::ptrdiff_t{part.end_row} * layer.width;
  for (std::ptrdiff_t i = std::ptrdiff_t{part.first_row} * layer.width; i < end; ++i) {
    ForChannels(layer.channels, [&](auto d, int c) HWY_ATTR {
      auto sum = hn::LoadU(d, layer.bias + c);
      for (int color = 0; color < layer.colors; ++color) {
        sum = hn::MulAdd(hn::Set(d, layer.input[color * plane + i]),
                         hn::LoadU(d, layer.weight + std::ptrdiff_t{color} * layer.channels + c),
                         sum);
      }
      hn::StoreU(Activate(d, sum), d, output + i * layer.channels + c);
    });
  }
}

// Row `y` of the blurred map, which is one larger than the map in each direction.
void BlurMapRow(const EncoderConvolution& layer, int y, int step, const float* zeros,
                float* blurred) {
  const int channels = layer.weights.in;
  const float* rows[4];
  for (int k = 0; k < 4; ++k) {
    const int from = y - 2 + k;
    const bool inside = from >= 0 && from < layer.height;
    rows[k] = inside ? layer.input + std::ptrdiff_t{from} * layer.width * channels : zeros;
  }
  BlurRow(rows, channels, layer.width, 2, channels, layer.blur, layer.width + 1,
          [=](auto d, int x, int c, auto sum)
              HWY_ATTR { hn::StoreU(sum, d, blurred + std::ptrdiff_t{x} * step + c); });
}

void ConvolveEncoderPart(const EncoderConvolution& layer, const Part& part, float* output) {
  const Weights& weights = layer.weights;
  const int step = PixelStep(weights.in);
  const int width = layer.width / 2;
  // Several rows at a time where they are short: weights are read once for each batch.
  const int batch = std::clamp(64 / width, 1, part.end_row - part.first_row);
  const int kept_rows = 2 * batch + 1;
  const std::ptrdiff_t row_floats = std::ptrdiff_t{layer.width + 1} * step;
  const std::ptrdiff_t zero_floats = std::ptrdiff_t{layer.width} * weights.in;
  float* rows = Workspace(static_cast<std::size_t>(kept_rows * row_floats + zero_floats));
  float* zeros = rows + kept_rows * row_floats;
  FillZero(zeros, zero_floats);
  const auto row_at = [&](int y) { return rows + y % kept_rows * row_floats; };
  const std::ptrdiff_t tap_floats = std::ptrdiff_t{weights.in} * weights.block;
  int known = 2 * part.first_row;  // The blurred rows before it are there, as far as needed.
  for (int first = part.first_row; first < part.end_row; first += batch) {
    const int end = std::min(first + batch, part.end_row);
    for (; known <= 2 * end; ++known) BlurMapRow(layer, known, step, zeros, row_at(known));
    for (int block = part.first_block; block < part.end_block; ++block) {
      const int channel = block * weights.block;
      for (int y = first; y < end; ++y) {
        Tap taps[9];
        for (int k = 0; k < 9; ++k) {
          taps[k] = {row_at(2 * y + k / 3) + k % 3 * step,
                     weights.values + (9 * block + k) * tap_floats};
        }
        float* row = output + std::ptrdiff_t{y} * width * weights.out + channel;
        Multiply({taps, 9, weights.in, std::ptrdiff_t{2} * step, weights.block}, width,
                 [&](auto d, int x, int c, auto sum) HWY_ATTR {
                   hn::StoreU(Finish(d, sum, layer.ending, channel + c), d,
                              row + std::ptrdiff_t{x} * weights.out + c);
                 });
      }
    }
  }
}

}  // namespace gpen::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gpen::kernels {

HWY_EXPORT(ConvolvePointwise);
HWY_EXPORT(ConvolveEncoderPart);

void Run(const PointwiseConvolution& layer, float* output, const Workers& workers) {
  const auto parts = CutIntoParts(layer.height, std::min(layer.height, 4 * workers.threads), 1, 1);
  workers.for_each(static_cast<int>(parts.size()), [&](int i) {
    HWY_DYNAMIC_DISPATCH(ConvolvePointwise)(layer, parts[static_cast<std::size_t>(i)], output);
  });
}

void Run(const EncoderConvolution& layer, float* output, const Workers& workers) {
  // Small maps have the larger weights: each thread takes its own. Large ones are cut by rows,
  // since every part of channels would blur all of its input.
  constexpr int kSmallMap = 256;
  const int height = layer.height / 2;
  const int blocks = layer.weights.out / layer.weights.block;
  const bool small = height * layer.width / 2 <= kSmallMap;
  const int block_parts = small ? LargestDivisor(blocks, workers.threads) : 1;
  const int row_parts =
      std::min(height, small ? workers.threads / block_parts : 2 * workers.threads);
  const auto parts = CutIntoParts(height, row_parts, blocks, block_parts);
  workers.for_each(static_cast<int>(parts.size()), [&](int i) {
    HWY_DYNAMIC_DISPATCH(ConvolveEncoderPart)(layer, parts[static_cast<std::size_t>(i)], output);
  });
}

}  // namespace gpen::kernels
#endif
