// The layers of a plain convolutional network as they are run: what each reads and makes, and its
// weights in the order in which our kernels read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/row_layers.h"

namespace gpen::nn {

/// A map by its place in ConvolutionLayers::channels.
using MapId = int;

enum class LayerKind : std::uint8_t {
  kConvolution,
  kDepthwise,  ///< Only while a network is read: the 1x1 that follows takes it in.
  kSeparable,  ///< Depthwise, then 1x1.
  kMaxPool,    ///< 2x2 with stride 2.
  kConcat,     ///< The channels of all inputs, then zeros.
  kShuffle,    ///< Each pixel's channels become 2x2 pixels: above left, above right, below.
};

/// What a row of output needs of the input: `taps` from `pad_top` rows and `pad_left` pixels
/// outside on. The end of the padding follows from the output's size.
struct Window {
  kernels::Taps taps;
  int pad_top = 0;
  int pad_left = 0;
  int pad_bottom = 0;
  int pad_right = 0;

  int OutputHeight(int height) const {
    return (height + pad_top + pad_bottom - (taps.height - 1) * taps.dilation - 1) / taps.stride +
           1;
  }
  int OutputWidth(int width) const {
    return (width + pad_left + pad_right - (taps.width - 1) * taps.dilation - 1) / taps.stride + 1;
  }
};

/// Weights with their ending.
struct Weights {
  std::vector<float> values = {};
  std::vector<float> bias = {};
  std::vector<float> slope = {};
  kernels::Activation activation = kernels::Activation::kNone;

  kernels::RowEnding ending() const { return {bias.data(), activation, slope.data()}; }
};

struct ConvolutionLayer {
  LayerKind kind = LayerKind::kConvolution;
  std::vector<MapId> inputs = {};  ///< One, but for kConcat.
  MapId added = -1;                ///< Added before the activation; -1: nothing.
  MapId output = -1;
  Window window = {};      ///< Of the first input; the others are read at the output's own pixels.
  int enlarges = 1;        ///< Pixels of the output for one of the first input, either way.
  Weights weights = {};    ///< Of a convolution, or the 1x1 of a separable one.
  Weights depthwise = {};  ///< Of a separable one.
};

/// A network: its layers in an order in which they can run. Map 0 is the input.
struct ConvolutionLayers {
  std::vector<int> channels;  ///< Of every map.
  std::vector<ConvolutionLayer> layers;
  std::vector<MapId> outputs;  ///< Maps that no layer reads, in the order in which they are made.

  /// Floats that a pixel of a map takes.
  int Step(MapId map) const {
    const int count = channels[static_cast<std::size_t>(map)];
    return map == 0 ? count : kernels::StepOf(count);
  }
};

/// Pixels of the input, either way, that one of each map stands for. Nothing where such a number is
/// not whole or above 1024, or where maps that are added or put together differ in it.
std::optional<std::vector<int>> ScalesOf(const ConvolutionLayers& network);

/// Brings the layer's weights from ONNX's order (out x in x taps) into that of the kernels, with
/// zeros for the channels that fill up a step.
void PackWeights(const ConvolutionLayers& network, ConvolutionLayer* layer);

}  // namespace gpen::nn
