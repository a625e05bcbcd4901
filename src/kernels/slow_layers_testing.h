// The slow plain twins of the layers, for tests: loops over every tap, in double precision.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/layers.h"

namespace gpen::kernels::slow {

/// Height x width x channels; zeros outside.
struct Map {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<double> values = {};

  Map(int h, int w, int c)
      : height(h), width(w), channels(c), values(static_cast<std::size_t>(h * w * c)) {}
  double& At(int y, int x, int c) {
    return values[static_cast<std::size_t>((y * width + x) * channels + c)];
  }
  double Get(int y, int x, int c) const {
    if (y < 0 || x < 0 || y >= height || x >= width) return 0;
    return values[static_cast<std::size_t>((y * width + x) * channels + c)];
  }
};

inline double Activate(double x) { return x < 0 ? 0.2 * x : x; }

inline Map FromFloats(const float* values, int height, int width, int channels) {
  Map map(height, width, channels);
  map.values.assign(values, values + map.values.size());
  return map;
}

inline double Weight(const Weights& weights, int o, int k, int i) {
  const int block = o / weights.block;
  return weights.values[((std::ptrdiff_t{block} * 9 + k) * weights.in + i) * weights.block +
                        o % weights.block];
}

inline Map Seen(const StyledInput& input) {
  Map map(input.height, input.width, 2 * input.channels);
  for (int y = 0; y < input.height; ++y) {
    for (int x = 0; x < input.width; ++x) {
      for (int c = 0; c < input.channels; ++c) {
        const std::ptrdiff_t i = (std::ptrdiff_t{y} * input.width + x) * input.channels + c;
        const double feature =
            Activate(double{input.feature_scale} * input.feature[i] + input.feature_bias[c]);
        map.At(y, x, c) = double{input.image[i]} * input.style[c];
        map.At(y, x, input.channels + c) = feature * input.style[input.channels + c];
      }
    }
  }
  return map;
}

inline Map Convolve(const Map& map, const Weights& weights, int stride, int pad) {
  Map out((map.height + 2 * pad - 3) / stride + 1, (map.width + 2 * pad - 3) / stride + 1,
          weights.out);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      for (int o = 0; o < weights.out; ++o) {
        for (int k = 0; k < 9; ++k) {
          for (int i = 0; i < weights.in; ++i) {
            out.At(y, x, o) += Weight(weights, o, k, i) *
                               map.Get(y * stride + k / 3 - pad, x * stride + k % 3 - pad, i);
          }
        }
      }
    }
  }
  return out;
}

inline Map ConvolveTransposed(const Map& map, const Weights& weights) {
  Map out(2 * map.height + 1, 2 * map.width + 1, weights.out);
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      for (int o = 0; o < weights.out; ++o) {
        for (int k = 0; k < 9; ++k) {
          for (int i = 0; i < weights.in; ++i) {
            out.At(2 * y + k / 3, 2 * x + k % 3, o) += Weight(weights, o, k, i) * map.Get(y, x, i);
          }
        }
      }
    }
  }
  return out;
}

inline Map Blur(const Map& map, const float* kernel, int pad) {
  Map out(map.height + 2 * pad - 3, map.width + 2 * pad - 3, map.channels);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      for (int c = 0; c < map.channels; ++c) {
        for (int k = 0; k < 16; ++k) {
          out.At(y, x, c) += double{kernel[k]} * map.Get(y + k / 4 - pad, x + k % 4 - pad, c);
        }
      }
    }
  }
  return out;
}

inline Map Finish(Map map, const Ending& ending) {
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    const std::size_t c = i % static_cast<std::size_t>(map.channels);
    const double factor = ending.factor == nullptr ? 1.0 : double{ending.factor[c]};
    map.values[i] = Activate(map.values[i] * factor + ending.bias[c]);
  }
  return map;
}

inline Map Run(const EncoderConvolution& layer) {
  const Map input = FromFloats(layer.input, layer.height, layer.width, layer.weights.in);
  return Finish(Convolve(Blur(input, layer.blur, 2), layer.weights, 2, 0), layer.ending);
}

inline Map Run(const StyledConvolution& layer) {
  return Finish(Convolve(Seen(layer.input), layer.weights, 1, 1), layer.ending);
}

inline Map Run(const StyledUpConvolution& layer) {
  return Finish(Blur(ConvolveTransposed(Seen(layer.input), layer.weights), layer.blur, 1),
                layer.ending);
}

/// Channels last, unlike the layer's output.
inline Map Run(const ToRgb& layer) {
  const StyledInput& input = layer.input;
  const Map seen = Seen(input);
  Map out(input.height, input.width, layer.colors);
  const int half_height = input.height / 2, half_width = input.width / 2;
  for (int color = 0; color < layer.colors; ++color) {
    for (int y = 0; y < half_height; ++y) {
      for (int x = 0; x < half_width; ++x) {
        const double value = layer.skip[(color * half_height + y) * half_width + x];
        for (int k = 0; k < 16; ++k) {
          const int to_y = 2 * y + k / 4 - 1, to_x = 2 * x + k % 4 - 1;
          if (to_y < 0 || to_x < 0 || to_y >= out.height || to_x >= out.width) continue;
          out.At(to_y, to_x, color) += value * layer.enlarge[k];
        }
      }
    }
    for (int y = 0; y < out.height; ++y) {
      for (int x = 0; x < out.width; ++x) {
        out.At(y, x, color) += layer.bias[color];
        for (int c = 0; c < seen.channels; ++c) {
          out.At(y, x, color) +=
              seen.Get(y, x, c) * layer.weight[std::ptrdiff_t{color} * seen.channels + c];
        }
      }
    }
  }
  return out;
}

}  // namespace gpen::kernels::slow
