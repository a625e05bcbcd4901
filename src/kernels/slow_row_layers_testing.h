// The slow plain twins of row_layers.h, for tests: whole maps, loops over every tap, in double
// precision.
#pragma once

#include <algorithm>

#include "kernels/row_layers.h"
#include "kernels/slow_layers_testing.h"

namespace gpen::kernels::slow {

inline double End(double sum, const RowEnding& ending, int channel) {
  sum += ending.bias[channel];
  if (ending.activation == Activation::kNone || sum >= 0) return sum;
  return ending.activation == Activation::kRelu ? 0 : sum * ending.slope[channel];
}

/// `pad` rows and pixels of zeros before the map; `height` x `width` outputs. `added`: nullptr, or
/// a map of the output's size.
inline Map Convolve(const Map& map, const RowConvolution& layer, int pad, int height, int width,
                    const Map* added) {
  Map out(height, width, layer.out);
  const Taps& taps = layer.taps;
  const int count = taps.height * taps.width;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int o = 0; o < layer.out; ++o) {
        double sum = added == nullptr ? 0 : added->Get(y, x, o);
        for (int k = 0; k < count; ++k) {
          const int from_y = y * taps.stride - pad + k / taps.width * taps.dilation;
          const int from_x = x * taps.stride - pad + k % taps.width * taps.dilation;
          const std::ptrdiff_t row = (std::ptrdiff_t{o / layer.block} * count + k) * layer.in;
          for (int i = 0; i < layer.in; ++i) {
            sum += map.Get(from_y, from_x, i) *
                   layer.weights[(row + i) * layer.block + o % layer.block];
          }
        }
        out.At(y, x, o) = End(sum, layer.ending, o);
      }
    }
  }
  return out;
}

inline Map Convolve(const Map& map, const RowDepthwise& layer, int pad, int height, int width) {
  Map out(height, width, layer.channels);
  const Taps& taps = layer.taps;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < layer.channels; ++c) {
        double sum = 0;
        for (int k = 0; k < taps.height * taps.width; ++k) {
          sum += map.Get(y * taps.stride - pad + k / taps.width,
                         x * taps.stride - pad + k % taps.width, c) *
                 layer.weights[std::ptrdiff_t{k} * layer.channels + c];
        }
        out.At(y, x, c) = End(sum, layer.ending, c);
      }
    }
  }
  return out;
}

}  // namespace gpen::kernels::slow
