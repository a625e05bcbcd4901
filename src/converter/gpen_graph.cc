#include "converter/gpen_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "converter/gpen_functions.h"
#include "converter/graph_builder.h"
#include "converter/style_graph.h"
#include "converter/weight_source.h"

namespace gpen::converter {
namespace {

using Ints = std::vector<std::int64_t>;

// What a layer of the decoder reads, gains outstanding: the convolved half, and the encoder's
// feature with what the layer before makes of it.
struct DecoderState {
  std::string image;
  std::string feature;
  std::string feature_scale;
  std::string feature_bias;
  int channels = 0;  // Of each half.
  int resolution = 0;
};

class GpenGraph {
 public:
  GpenGraph(std::shared_ptr<const Checkpoint> checkpoint, const GpenDescription& description,
            OnnxModel& model)
      : weights_(std::move(checkpoint)), description_(description), graph_(model) {}

  Result<void> Build(bool residual) {
    AddEncoder();
    const auto encoded = graph_.Add("Transpose", {features_[4]}, {{"perm", Ints{0, 3, 1, 2}}});
    modulations_ = AddModulations(graph_, weights_, description_, encoded);
    std::string image = AddDecoder();
    graph_.SetScope("output");
    image = graph_.PixelShuffle(image, description_.unshuffle);
    if (residual) image = graph_.Add("Add", {image, "input"});
    graph_.NameOutput(image, "output");
    return weights_.status();
  }

 private:
  int Channels(int resolution) const { return description_.channels.at(resolution); }

  // A weight of `out` x `in` x 3 x 3 (or 1 x out x ...) in the order that our layers read:
  // blocks of output channels.
  std::string PackedWeight(const std::string& name, int in, int out) {
    constexpr int kWidestBlock = 32;  // Two of the widest vectors.
    int block = std::min(out, kWidestBlock);
    while (out % block != 0) --block;
    auto pack = [in, out, block, factor = ConvolutionScale(in, 9)](const std::vector<float>& from) {
      const auto inputs = static_cast<std::size_t>(in);
      const auto width = static_cast<std::size_t>(block);
      std::vector<float> packed(from.size());
      std::size_t i = 0;
      for (std::size_t o = 0; o < static_cast<std::size_t>(out); ++o) {
        for (std::size_t c = 0; c < inputs; ++c) {
          for (std::size_t k = 0; k < 9; ++k, ++i) {
            packed[((o / width * 9 + k) * inputs + c) * width + o % width] =
                static_cast<float>(from[i] * factor);
          }
        }
      }
      return packed;
    };
    return graph_.Weight("weight",
                         weights_.Transformed(name, {out / block, 3, 3, in, block}, pack));
  }

  // upfirdn2d convolves, ONNX and our layers correlate: the kernel is turned by 180 degrees.
  std::string Blur(const std::string& name, double gain) {
    auto kernel = weights_.Read(name, gain);
    std::ranges::reverse(kernel);
    return graph_.Floats({1, 1, 4, 4}, std::move(kernel));
  }

  // Features keep the gain sqrt(2) of their activation outstanding: who reads them applies it.
  void AddEncoder() {
    int resolution = description_.trunk_size;
    graph_.SetScope("encoder.0");
    const int colors = description_.color_channels;
    const int channels = Channels(resolution);
    auto transpose = [colors, channels](const std::vector<float>& from) {
      std::vector<float> transposed(from.size());
      for (std::size_t i = 0; i < from.size(); ++i) {
        const std::size_t out = i / static_cast<std::size_t>(colors);
        const std::size_t color = i % static_cast<std::size_t>(colors);
        transposed[color * static_cast<std::size_t>(channels) + out] =
            static_cast<float>(from[i] * ConvolutionScale(colors, 1));
      }
      return transposed;
    };
    const auto weight = graph_.Weight(
        "weight", weights_.Transformed("ecd0.0.0.weight", {colors, channels}, transpose));
    const auto bias = graph_.Floats({channels}, weights_.Read("ecd0.0.1.bias"));
    const auto input = graph_.PixelUnshuffle("input", 3, resolution, description_.unshuffle);
    features_[resolution] = graph_.AddLayer("PointwiseConvolution", {input, weight, bias});
    for (int i = 1; resolution > 4; ++i, resolution /= 2) AddEncoderBlock(i, resolution);
  }

  void AddEncoderBlock(int i, int resolution) {
    graph_.SetScope(fmt::format("encoder.{}", i));
    const std::string name = fmt::format("ecd{}.0.", i);
    const int in = Channels(resolution);
    const int out = Channels(resolution / 2);
    features_[resolution / 2] = graph_.AddLayer(
        "EncoderConvolution",
        {features_[resolution], PackedWeight(name + "1.weight", in, out),
         graph_.Floats({out}, weights_.Read(name + "2.bias")), Blur(name + "0.kernel", kSqrt2)});
  }

  std::string AddDecoder() {
    DecoderState state = AddFirstConvolution();
    graph_.SetScope("rgb.0");
    const int colors = description_.color_channels;
    // The first picture has none before it.
    std::string image =
        AddToRgb(state, "generator.to_rgb1",
                 graph_.Floats({1, colors, 2, 2}, std::vector<float>(4 * Size(colors))),
                 std::vector<float>(16));
    for (int level = 0; level < description_.levels(); ++level) {
      graph_.SetScope(fmt::format("decoder.{}.up", level + 1));
      state = AddConvolution(state, fmt::format("generator.convs.{}", 2 * level), true);
      graph_.SetScope(fmt::format("decoder.{}.conv", level + 1));
      state = AddConvolution(state, fmt::format("generator.convs.{}", 2 * level + 1), false);
      graph_.SetScope(fmt::format("rgb.{}", level + 1));
      const auto name = fmt::format("generator.to_rgbs.{}", level);
      const auto enlarge = weights_.Read(name + ".upsample.kernel");
      image = AddToRgb(state, name, image, enlarge);
    }
    return image;
  }

  static std::size_t Size(int count) { return static_cast<std::size_t>(count); }

  // What is read behind the convolution `name`, whose own half is `image`.
  DecoderState Behind(const std::string& name, const std::string& image, int channels,
                      int resolution) {
    return {image,
            features_[resolution],
            graph_.Floats({1}, weights_.Read(name + ".noise.weight", kSqrt2)),
            graph_.Floats({channels}, ActivationBias(weights_, name, true)),
            channels,
            resolution};
  }

  static std::vector<std::string> Inputs(const DecoderState& state, const Modulation& modulation,
                                         std::vector<std::string> others) {
    std::vector<std::string> inputs = {state.image, state.feature, state.feature_scale,
                                       state.feature_bias, modulation.style};
    inputs.insert(inputs.end(), others.begin(), others.end());
    return inputs;
  }

  // The constant's, without a feature: 4x4, in ONNX's own operators.
  DecoderState AddFirstConvolution() {
    graph_.SetScope("decoder.0.conv");
    const std::string name = "generator.conv1";
    const Modulation& modulation = modulations_[name];
    const int channels = Channels(4);
    const auto start = graph_.Weight(
        "constant", weights_.Scaled("generator.input.input", {1, channels, 4, 4}, 1.0));
    const auto input = graph_.Add("Mul", {start, modulation.style});
    const auto weight =
        graph_.Weight("weight", weights_.Scaled(name + ".conv.weight", {channels, channels, 3, 3},
                                                ConvolutionScale(channels, 9)));
    const auto convolved = graph_.Add("Conv", {input, weight}, {{"pads", Ints{1, 1, 1, 1}}});
    const auto bias = graph_.Floats({1, channels, 1, 1}, ActivationBias(weights_, name, false));
    const auto sum =
        graph_.Add("Add", {graph_.Add("Mul", {convolved, modulation.demodulation}), bias});
    const auto image =
        graph_.Add("Transpose", {AddLeakyRelu(graph_, sum)}, {{"perm", Ints{0, 2, 3, 1}}});
    return Behind(name, image, channels, 4);
  }

  DecoderState AddConvolution(const DecoderState& state, const std::string& name, bool up) {
    const Modulation& modulation = modulations_[name];
    const int out = OutputChannels(weights_, name);
    auto inputs = Inputs(
        state, modulation,
        {PackedWeight(name + ".conv.weight", 2 * state.channels, out), modulation.demodulation,
         graph_.Floats({out}, ActivationBias(weights_, name, false))});
    if (up) inputs.push_back(Blur(name + ".conv.blur.kernel", 1.0));
    const auto image = graph_.AddLayer(up ? "StyledUpConvolution" : "StyledConvolution", inputs);
    return Behind(name, image, out, up ? 2 * state.resolution : state.resolution);
  }

  std::string AddToRgb(const DecoderState& state, const std::string& name, const std::string& skip,
                       std::vector<float> enlarge) {
    const int colors = description_.color_channels;
    const int in = 2 * state.channels;
    const auto weight = graph_.Weight(
        "weight",
        weights_.Scaled(name + ".conv.weight", {colors, in, 1, 1}, ConvolutionScale(in, 1)));
    const auto bias = graph_.Floats({colors}, weights_.Read(name + ".bias"));
    return graph_.AddLayer(
        "ToRgb", Inputs(state, modulations_[name],
                        {weight, bias, skip, graph_.Floats({1, 1, 4, 4}, std::move(enlarge))}));
  }

  WeightSource weights_;
  const GpenDescription& description_;
  GraphBuilder graph_;
  std::map<int, std::string> features_;  // By resolution, channels last.
  std::map<std::string, Modulation> modulations_;
};

}  // namespace

Result<OnnxModel> BuildGpenGraph(std::shared_ptr<const Checkpoint> checkpoint,
                                 const GpenDescription& description, bool residual) {
  OnnxModel model;
  const Shape shape = {1, 3, description.image_size, description.image_size};
  model.inputs = {{"input", shape}};
  model.outputs = {{"output", shape}};
  model.functions = GpenFunctions();
  GPEN_TRY(GpenGraph(std::move(checkpoint), description, model).Build(residual));
  return model;
}

}  // namespace gpen::converter
