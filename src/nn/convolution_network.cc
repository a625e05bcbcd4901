#include "nn/convolution_network.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include "nn/convolution_import.h"
#include "nn/flush_denormals.h"
#include "nn/row_schedule.h"

namespace gpen::nn {

struct ConvolutionNetwork::State {
  std::string name;
  ConvolutionLayers network;
};

namespace {

std::size_t Floats(int a, int b, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

// The rows of all maps that are kept at a time.
class Rows {
 public:
  Rows(const ConvolutionLayers& network, const RowSchedule& schedule) {
    std::size_t total = 0;
    std::size_t longest = 0;
    for (MapId id = 0; id < static_cast<MapId>(network.channels.size()); ++id) {
      const KeptMap& kept = schedule.map(id);
      const int step = network.Step(id);
      const std::size_t row_floats =
          Rounded(Floats(kept.margin_left + kept.width + kept.margin_right, step));
      maps_.push_back({&kept, step, total, row_floats});
      total += row_floats * static_cast<std::size_t>(kept.kept_rows);
      longest = std::max(longest, row_floats);
    }
    values_.reset(static_cast<float*>(
        ::operator new ((total + longest) * sizeof(float), std::align_val_t{kLineBytes})));
    zeros_ = values_.get() + total;
    std::memset(zeros_, 0, longest * sizeof(float));
    for (const Map& map : maps_) ClearMargins(map);
  }

  int step(MapId id) const { return Of(id).step; }

  // Pixel `x` of row `y`, which may lie in the margins; a row outside is zeros.
  float* At(MapId id, int y, int x) const {
    const Map& map = Of(id);
    const std::size_t pixel = Floats(map.kept->margin_left + x, map.step);
    if (y < 0 || y >= map.kept->height) return zeros_ + pixel;
    const auto place = static_cast<std::size_t>(y % map.kept->kept_rows);
    return values_.get() + map.first + place * map.row_floats + pixel;
  }

 private:
  struct Map {
    const KeptMap* kept;
    int step;
    std::size_t first;  // In values_.
    std::size_t row_floats;
  };

  const Map& Of(MapId id) const { return maps_[static_cast<std::size_t>(id)]; }

  void ClearMargins(const Map& map) {
    float* row = values_.get() + map.first;
    const std::size_t left = Floats(map.kept->margin_left, map.step);
    const std::size_t right = Floats(map.kept->margin_left + map.kept->width, map.step);
    for (int y = 0; y < map.kept->kept_rows; ++y, row += map.row_floats) {
      std::memset(row, 0, left * sizeof(float));
      std::memset(row + right, 0, (map.row_floats - right) * sizeof(float));
    }
  }

  // Whole lines of the cache, so that no row begins within one: a vector that lies in two takes
  // twice as long to read.
  static constexpr std::size_t kLineBytes = 64;
  static std::size_t Rounded(std::size_t floats) {
    constexpr std::size_t kLineFloats = kLineBytes / sizeof(float);
    return (floats + kLineFloats - 1) / kLineFloats * kLineFloats;
  }
  struct Free {
    void operator()(float* values) const {
      ::operator delete (values, std::align_val_t{kLineBytes});
    }
  };

  std::vector<Map> maps_;
  std::unique_ptr<float[], Free> values_;
  float* zeros_ = nullptr;  // As long as the longest row.
};

kernels::RowConvolution Pointwise(const ConvolutionLayer& layer, int in, int out) {
  return {{}, layer.weights.values.data(), in, out, kernels::BlockFor(out), layer.weights.ending()};
}

void Convolve(const ConvolutionLayer& layer, const RowSchedule& schedule, const Rows& rows,
              int first, int count) {
  constexpr int kMostRows = 64;
  const MapId input = layer.inputs[0];
  const Window& window = layer.window;
  const int width = schedule.map(layer.output).width;
  const int in = rows.step(input);
  const int out = rows.step(layer.output);
  const auto tap_rows = static_cast<std::size_t>(window.taps.height);
  std::vector<const float*> taps(static_cast<std::size_t>(std::min(count, kMostRows)) * tap_rows);
  std::array<kernels::LayerRow, kMostRows> made;
  for (int begin = 0; begin < count; begin += kMostRows) {
    const auto now = static_cast<std::size_t>(std::min(kMostRows, count - begin));
    for (std::size_t i = 0; i < now; ++i) {
      const int y = first + begin + static_cast<int>(i);
      for (std::size_t k = 0; k < tap_rows; ++k) {
        const int from =
            y * window.taps.stride - window.pad_top + static_cast<int>(k) * window.taps.dilation;
        taps[i * tap_rows + k] = rows.At(input, from, -window.pad_left);
      }
      made[i] = {&taps[i * tap_rows], layer.added < 0 ? nullptr : rows.At(layer.added, y, 0),
                 rows.At(layer.output, y, 0)};
    }
    const auto batch = std::span(made).first(now);
    kernels::RowConvolution convolution = Pointwise(layer, in, out);
    if (layer.kind == LayerKind::kSeparable) {
      const kernels::RowDepthwise depthwise = {window.taps, layer.depthwise.values.data(), in,
                                               layer.depthwise.ending()};
      kernels::Run(depthwise, convolution, batch, width);
    } else {
      convolution.taps = window.taps;
      kernels::Run(convolution, batch, width);
    }
  }
}

void MaxPool(const ConvolutionLayer& layer, const RowSchedule& schedule, const Rows& rows,
             int first, int count) {
  const MapId input = layer.inputs[0];
  for (int y = first; y < first + count; ++y) {
    kernels::MaxPoolRow(rows.At(input, 2 * y, 0), rows.At(input, 2 * y + 1, 0), rows.step(input),
                        schedule.map(layer.output).width, rows.At(layer.output, y, 0));
  }
}

void Concat(const ConvolutionLayer& layer, const RowSchedule& schedule, const Rows& rows, int first,
            int count) {
  const int out = rows.step(layer.output);
  for (int y = first; y < first + count; ++y) {
    for (int x = 0; x < schedule.map(layer.output).width; ++x) {
      float* to = rows.At(layer.output, y, x);
      float* const end = to + out;
      for (const MapId input : layer.inputs) {
        to = std::copy_n(rows.At(input, y, x), rows.step(input), to);
      }
      std::fill(to, end, 0.0F);
    }
  }
}

void Shuffle(const ConvolutionLayer& layer, const RowSchedule& schedule, const Rows& rows,
             int first, int count) {
  const MapId input = layer.inputs[0];
  const int out = rows.step(layer.output);
  for (int y = first; y < first + count; ++y) {
    const int lower = y % 2 * 2 * out;  // Of the channels of a pixel.
    for (int x = 0; x < schedule.map(layer.output).width; ++x) {
      const float* from = rows.At(input, y / 2, x / 2) + lower + x % 2 * out;
      float* to = rows.At(layer.output, y, x);
      if (layer.added < 0) {
        std::copy_n(from, out, to);
      } else {
        std::transform(from, from + out, rows.At(layer.added, y, x), to, std::plus<>());
      }
    }
  }
}

FeatureMap Whole(const Rows& rows, MapId id, const KeptMap& kept, int channels) {
  FeatureMap map = {kept.height, kept.width, channels, {}};
  map.values.reserve(Floats(kept.height, kept.width, channels));
  for (int y = 0; y < kept.height; ++y) {
    for (int x = 0; x < kept.width; ++x) {
      const float* pixel = rows.At(id, y, x);
      map.values.insert(map.values.end(), pixel, pixel + channels);
    }
  }
  return map;
}

void MakeRows(const ConvolutionLayer& layer, const RowSchedule& schedule, const Rows& rows,
              int first, int count) {
  switch (layer.kind) {
    case LayerKind::kMaxPool:
      return MaxPool(layer, schedule, rows, first, count);
    case LayerKind::kConcat:
      return Concat(layer, schedule, rows, first, count);
    case LayerKind::kShuffle:
      return Shuffle(layer, schedule, rows, first, count);
    default:
      return Convolve(layer, schedule, rows, first, count);
  }
}

Result<void> UnlessStopped(const std::stop_token& stop) {
  if (stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped on request");
  return {};
}

}  // namespace

Result<ConvolutionNetwork> ConvolutionNetwork::FromModel(const onnx::OnnxModel& model,
                                                         const std::string& name) {
  GPEN_ASSIGN_OR_RETURN(auto network, ImportConvolutions(model, name));
  return ConvolutionNetwork(std::make_unique<State>(State{name, std::move(network)}));
}

ConvolutionNetwork::ConvolutionNetwork(std::unique_ptr<State> state) : state_(std::move(state)) {}
ConvolutionNetwork::ConvolutionNetwork(ConvolutionNetwork&&) noexcept = default;
ConvolutionNetwork& ConvolutionNetwork::operator=(ConvolutionNetwork&&) noexcept = default;
ConvolutionNetwork::~ConvolutionNetwork() = default;

const std::string& ConvolutionNetwork::name() const { return state_->name; }
int ConvolutionNetwork::input_channels() const { return state_->network.channels[0]; }

int ConvolutionNetwork::Reach() const {
  const ConvolutionLayers& network = state_->network;
  const std::vector<int> scales = *ScalesOf(network);  // Known since it was read.
  std::vector<int> reach(network.channels.size());
  const auto of = [&](MapId map) -> int& { return reach[static_cast<std::size_t>(map)]; };
  for (const ConvolutionLayer& layer : network.layers) {
    const Window& window = layer.window;
    const int own =
        std::max({window.pad_top, window.pad_left, window.pad_bottom, window.pad_right});
    for (const MapId input : layer.inputs) of(layer.output) = std::max(of(layer.output), of(input));
    const int scale = scales[static_cast<std::size_t>(layer.inputs[0])];
    of(layer.output) += own * scale;
    if (layer.enlarges > 1) of(layer.output) += scale - scale / layer.enlarges;
    if (layer.added >= 0) of(layer.output) = std::max(of(layer.output), of(layer.added));
  }
  return of(network.outputs[0]);
}

int ConvolutionNetwork::Unit() const { return std::ranges::max(*ScalesOf(state_->network)); }

std::vector<MapShape> ConvolutionNetwork::OutputShapes(int height, int width) const {
  const ConvolutionLayers& network = state_->network;
  const RowSchedule schedule(network, height, width, network.outputs.size());
  std::vector<MapShape> shapes;
  for (const MapId id : network.outputs) {
    shapes.push_back({schedule.map(id).height, schedule.map(id).width,
                      network.channels[static_cast<std::size_t>(id)]});
  }
  return shapes;
}

Result<std::vector<FeatureMap>> ConvolutionNetwork::Run(int height, int width,
                                                        const FillRow& fill_row,
                                                        std::stop_token stop,
                                                        std::size_t most_outputs) const {
  const ConvolutionLayers& network = state_->network;
  const std::size_t output_count = std::min(most_outputs, network.outputs.size());
  const RowSchedule schedule(network, height, width, output_count);
  const Rows rows(network, schedule);
  const FlushDenormals flush;
  schedule.Walk([&](int y) { fill_row(y, rows.At(0, y, 0)); },
                [&](const ConvolutionLayer& layer, int first, int count) {
                  MakeRows(layer, schedule, rows, first, count);
                },
                [&] { return !stop.stop_requested(); });
  GPEN_TRY(UnlessStopped(stop));
  std::vector<FeatureMap> outputs;
  for (const MapId id : std::span(network.outputs).first(output_count)) {
    outputs.push_back(
        Whole(rows, id, schedule.map(id), network.channels[static_cast<std::size_t>(id)]));
  }
  return outputs;
}

Result<void> ConvolutionNetwork::Stream(int height, int width, const FillRow& fill_row,
                                        const TakeRow& take_row, std::stop_token stop) const {
  const ConvolutionLayers& network = state_->network;
  const RowSchedule schedule(network, height, width, 1, OutputRows::kPassing);
  const Rows rows(network, schedule);
  const FlushDenormals flush;
  const MapId output = network.outputs[0];
  schedule.Walk([&](int y) { fill_row(y, rows.At(0, y, 0)); },
                [&](const ConvolutionLayer& layer, int first, int count) {
                  MakeRows(layer, schedule, rows, first, count);
                  if (layer.output != output) return;
                  for (int y = first; y < first + count; ++y) {
                    take_row(y, rows.At(output, y, 0), rows.step(output));
                  }
                },
                [&] { return !stop.stop_requested(); });
  return UnlessStopped(stop);
}

}  // namespace gpen::nn
