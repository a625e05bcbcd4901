#include "nn/row_schedule.h"

namespace gpen::nn {
namespace {

std::size_t At(MapId map) { return static_cast<std::size_t>(map); }

std::vector<const ConvolutionLayer*> Needed(const ConvolutionLayers& network, std::size_t outputs) {
  std::vector<bool> is_needed(network.channels.size());
  for (std::size_t i = 0; i < outputs; ++i) is_needed[At(network.outputs[i])] = true;
  std::vector<const ConvolutionLayer*> needed;
  for (auto layer = network.layers.rbegin(); layer != network.layers.rend(); ++layer) {
    if (!is_needed[At(layer->output)]) continue;
    for (const MapId input : layer->inputs) is_needed[At(input)] = true;
    if (layer->added >= 0) is_needed[At(layer->added)] = true;
    needed.push_back(&*layer);
  }
  std::ranges::reverse(needed);
  return needed;
}

}  // namespace

RowSchedule::RowSchedule(const ConvolutionLayers& layers, int height, int width,
                         std::size_t outputs, OutputRows output_rows)
    : layers_(Needed(layers, outputs)), maps_(layers.channels.size()) {
  maps_[0] = {height, width, 0, 0, 0};
  for (const ConvolutionLayer* each : layers_) {
    const ConvolutionLayer& layer = *each;
    KeptMap& input = maps_[At(layer.inputs[0])];
    KeptMap& output = maps_[At(layer.output)];
    const Window& window = layer.window;
    output.height = std::max(0, window.OutputHeight(input.height)) * layer.enlarges;
    output.width = std::max(0, window.OutputWidth(input.width)) * layer.enlarges;
    const auto keep_within = [&](MapId other) {
      output.height = std::min(output.height, maps_[At(other)].height);
      output.width = std::min(output.width, maps_[At(other)].width);
    };
    std::for_each(layer.inputs.begin() + 1, layer.inputs.end(), keep_within);
    if (layer.added >= 0) keep_within(layer.added);
    const int last_tap = (output.width - 1) / layer.enlarges * window.taps.stride -
                         window.pad_left + (window.taps.width - 1) * window.taps.dilation;
    input.margin_left = std::max(input.margin_left, window.pad_left);
    input.margin_right = std::max(input.margin_right, last_tap - (input.width - 1));
  }
  CountKeptRows(output_rows);
}

int RowSchedule::BatchRows(const ConvolutionLayer& layer) const {
  constexpr int kPixels = 64;
  const KeptMap& output = map(layer.output);
  if (output.width == 0 || output.height == 0) return 1;
  return std::clamp(kPixels / output.width, 1, output.height);
}

int RowSchedule::ReadyRows(const ConvolutionLayer& layer, const std::vector<int>& made) const {
  const Window& window = layer.window;
  int ready = map(layer.output).height;
  const int there = made[At(layer.inputs[0])];
  if (there < map(layer.inputs[0]).height) {
    const int first_end = (window.taps.height - 1) * window.taps.dilation + 1 - window.pad_top;
    const int rows = there < first_end ? 0 : (there - first_end) / window.taps.stride + 1;
    ready = std::min(ready, rows * layer.enlarges);
  }
  for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
    ready = std::min(ready, made[At(layer.inputs[i])]);
  }
  if (layer.added >= 0) ready = std::min(ready, made[At(layer.added)]);
  return ready;
}

void RowSchedule::CountKeptRows(OutputRows output_rows) {
  // Who reads a map, and from which row on for its own row y: y / enlarges * stride - pad.
  struct Reader {
    MapId output;
    int enlarges;
    int stride;
    int pad;
  };
  std::vector<std::vector<Reader>> readers(maps_.size());
  for (const ConvolutionLayer* each : layers_) {
    const ConvolutionLayer& layer = *each;
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      const Window window = i == 0 ? layer.window : Window();
      readers[At(layer.inputs[i])].push_back(
          {layer.output, layer.enlarges, window.taps.stride, window.pad_top});
    }
    if (layer.added >= 0) readers[At(layer.added)].push_back({layer.output, 1, 1, 0});
  }
  std::vector<int> made(maps_.size());
  const auto note = [&](MapId id, int end) {
    KeptMap& kept = maps_[At(id)];
    int first_needed = kept.height;
    if (readers[At(id)].empty()) {  // An output.
      first_needed = output_rows == OutputRows::kAllKept ? 0 : made[At(id)];
    }
    for (const Reader& reader : readers[At(id)]) {
      const int row = made[At(reader.output)];
      if (row == map(reader.output).height) continue;
      first_needed =
          std::min(first_needed, std::max(0, row / reader.enlarges * reader.stride - reader.pad));
    }
    kept.kept_rows = std::max(kept.kept_rows, end - first_needed);
    made[At(id)] = end;
  };
  Walk(
      [&](int y) { note(0, y + 1); },
      [&](const ConvolutionLayer& layer, int first, int rows) { note(layer.output, first + rows); },
      [] { return true; });
}

}  // namespace gpen::nn
