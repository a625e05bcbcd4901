#include "nn/convolution_layers.h"

#include <algorithm>
#include <cstddef>

namespace gpen::nn {
namespace {

std::size_t Index(int a, int size_b, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(size_b) +
         static_cast<std::size_t>(b);
}

void FillUp(std::vector<float>* values, int step) {
  if (!values->empty()) values->resize(static_cast<std::size_t>(step));
}

// To out / block x taps x in x block.
void PackConvolution(int in, int in_step, int taps, Weights* weights) {
  const int out = static_cast<int>(weights->bias.size());
  const int out_step = kernels::StepOf(out);
  const int block = kernels::BlockFor(out_step);
  std::vector<float> packed(Index(out_step, taps * in_step, 0));
  for (int o = 0; o < out; ++o) {
    for (int t = 0; t < taps; ++t) {
      for (int i = 0; i < in; ++i) {
        const int row = (o / block * taps + t) * in_step + i;
        packed[Index(row, block, o % block)] = weights->values[Index(o, in * taps, i * taps + t)];
      }
    }
  }
  weights->values = std::move(packed);
  FillUp(&weights->bias, out_step);
  FillUp(&weights->slope, out_step);
}

// To taps x channels.
void PackDepthwise(int taps, Weights* weights) {
  const int channels = static_cast<int>(weights->bias.size());
  const int step = kernels::StepOf(channels);
  std::vector<float> packed(Index(taps, step, 0));
  for (int c = 0; c < channels; ++c) {
    for (int t = 0; t < taps; ++t) packed[Index(t, step, c)] = weights->values[Index(c, taps, t)];
  }
  weights->values = std::move(packed);
  FillUp(&weights->bias, step);
  FillUp(&weights->slope, step);
}

}  // namespace

void PackWeights(const ConvolutionLayers& network, ConvolutionLayer* layer) {
  const int taps = layer->window.taps.height * layer->window.taps.width;
  const MapId input = layer->inputs[0];
  const int in = network.channels[static_cast<std::size_t>(input)];
  if (layer->kind == LayerKind::kConvolution) {
    PackConvolution(in, network.Step(input), taps, &layer->weights);
  } else if (layer->kind == LayerKind::kSeparable) {
    PackConvolution(in, network.Step(input), 1, &layer->weights);
    PackDepthwise(taps, &layer->depthwise);
  }
}

std::optional<std::vector<int>> ScalesOf(const ConvolutionLayers& network) {
  constexpr int kCoarsest = 1024;
  std::vector<int> scales(network.channels.size(), 1);
  const auto of = [&](MapId map) -> int& { return scales[static_cast<std::size_t>(map)]; };
  for (const ConvolutionLayer& layer : network.layers) {
    const int scale = of(layer.inputs[0]);
    const auto differs = [&](MapId map) { return of(map) != scale; };
    if (std::ranges::any_of(layer.inputs, differs)) return std::nullopt;
    const int made = scale * layer.window.taps.stride;
    if (made > kCoarsest || made % layer.enlarges != 0) return std::nullopt;
    of(layer.output) = made / layer.enlarges;
    if (layer.added >= 0 && of(layer.added) != of(layer.output)) return std::nullopt;
  }
  return scales;
}

}  // namespace gpen::nn
