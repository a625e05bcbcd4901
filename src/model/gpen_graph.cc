#include "model/gpen_graph.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/graph_builder.h"
#include "model/style_graph.h"
#include "model/upsample_graph.h"
#include "model/weight_source.h"
#include "model/winograd_graph.h"

namespace gpen::model {
namespace {

using Ints = std::vector<std::int64_t>;

// A decoder feature map before its gain sqrt(2): the convolution's half and the encoder's half.
// Where `scale` is set, the first half is still to be multiplied by it.
struct DecoderState {
  std::string convolved;
  std::string feature;
  std::optional<std::string> scale;  // 1 x C x 1 x 1.
  int channels = 0;                  // Of each half.
  int resolution = 0;
  bool blocked = false;  // Read by nothing but a convolution: may stay in the blocked layout.
};

class GpenGraph {
 public:
  GpenGraph(std::shared_ptr<const Checkpoint> checkpoint, const GpenDescription& description,
            const GraphForm& form, OnnxModel& model)
      : weights_(std::move(checkpoint)), description_(description), form_(form), graph_(model) {}

  Result<void> Build(bool residual) {
    AddEncoder();
    modulations_ = AddModulations(graph_, weights_, description_, features_[4],
                                  [this](const std::string& name) { return BiasFactor(name); });
    std::string image = AddDecoder();
    graph_.SetScope("output");
    image = graph_.PixelShuffle(image, description_.unshuffle);
    if (residual) image = graph_.Add("Add", {image, "input"});
    graph_.NameOutput(image, "output");
    return weights_.status();
  }

 private:
  int Channels(int resolution) const { return description_.channels.at(resolution); }

  std::string LeakyRelu(const std::string& x) { return AddLeakyRelu(graph_, x); }

  // --- Encoder -----------------------------------------------------------------------------------

  // Features keep the gain sqrt(2) of their activation outstanding: who reads them applies it.
  void AddEncoder() {
    int resolution = description_.trunk_size;
    graph_.SetScope("encoder.0");
    const int colors = description_.color_channels;
    const auto weight = graph_.Weight(
        "weight", weights_.Scaled("ecd0.0.0.weight", {Channels(resolution), colors, 1, 1},
                                  ConvolutionScale(colors, 1)));
    const auto bias = graph_.Floats({Channels(resolution)}, weights_.Read("ecd0.0.1.bias"));
    const auto input = graph_.PixelUnshuffle("input", 3, resolution, description_.unshuffle);
    features_[resolution] = LeakyRelu(graph_.Add("Conv", {input, weight, bias}));
    for (int i = 1; resolution > 4; ++i, resolution /= 2) AddEncoderBlock(i, resolution);
  }

  void AddEncoderBlock(int i, int resolution) {
    graph_.SetScope(fmt::format("encoder.{}", i));
    const std::string name = fmt::format("ecd{}.0.", i);
    const int in = Channels(resolution);
    const int out = Channels(resolution / 2);
    const auto blurred = AddBlur(graph_, features_[resolution], weights_.Read(name + "0.kernel"),
                                 kSqrt2, in, {2, 2, 2, 2}, form_.blur);
    const auto weight = graph_.Weight(
        "weight", weights_.Scaled(name + "1.weight", {out, in, 3, 3}, ConvolutionScale(in, 9)));
    const auto bias = graph_.Floats({out}, weights_.Read(name + "2.bias"));
    features_[resolution / 2] =
        LeakyRelu(graph_.Add("Conv", {blurred, weight, bias}, {{"strides", Ints{2, 2}}}));
  }

  bool IsBiasedPolyphase(int resolution) const {
    return form_.upsample == UpsampleForm::kBiasedPolyphase && resolution >= form_.polyphase_from;
  }

  // A bias that is added before a blur comes out of it times the kernel's sum.
  float BiasFactor(const std::string& name) {
    for (int level = 0; level < description_.levels(); ++level) {
      if (name != fmt::format("generator.convs.{}", 2 * level) || !IsBiasedPolyphase(8 << level)) {
        continue;
      }
      const auto kernel = weights_.Read(name + ".conv.blur.kernel");
      const float sum = std::accumulate(kernel.begin(), kernel.end(), 0.0F);
      return sum != 0 ? 1.0F / sum : 1.0F;
    }
    return 1.0F;
  }

  // --- Per-channel factors and terms -------------------------------------------------------------

  // `vector` in a shape that multiplies or adds to a feature map of this size; `blocked` where the
  // map is in the blocked layout and is not read in another.
  std::string Spread(const std::string& vector, int channels, int resolution, bool blocked) {
    return Spread(vector, channels, resolution, resolution, blocked);
  }

  std::string Spread(const std::string& vector, int channels, int height, int resolution,
                     bool blocked) {
    if (form_.modulation == ModulationForm::kBroadcast || resolution < form_.blocked_from ||
        (form_.modulation == ModulationForm::kMixed && !blocked)) {
      return vector;
    }
    // Only a convolution's output counts as blocked: one that changes nothing makes it so.
    const auto ones = graph_.Floats({channels, 1, 1, 1},
                                    std::vector<float>(static_cast<std::size_t>(channels), 1.0F));
    const auto identity = graph_.Add("Conv", {vector, ones}, {{"group", std::int64_t{channels}}});
    return graph_.Add("Resize",
                      {identity, "", "", graph_.Integers({1, channels, height, resolution})},
                      {{"mode", std::string("nearest")},
                       {"coordinate_transformation_mode", std::string("asymmetric")},
                       {"nearest_mode", std::string("floor")}});
  }

  std::string FirstHalfStyle(const Modulation& modulation, const DecoderState& state) {
    if (!state.scale) return modulation.halves[0];
    return graph_.Add("Mul", {modulation.halves[0], *state.scale});
  }

  std::string WholeStyle(const Modulation& modulation, const DecoderState& state) {
    if (!state.scale) return modulation.style;
    return graph_.Add("Concat", {FirstHalfStyle(modulation, state), modulation.halves[1]},
                      {{"axis", std::int64_t{1}}});
  }

  // --- Decoder -----------------------------------------------------------------------------------

  std::string AddDecoder() {
    DecoderState state = AddFirstConvolution();
    graph_.SetScope("rgb.0");
    std::string image = AddToRgb(state, "generator.to_rgb1", "");
    for (int level = 0; level < description_.levels(); ++level) {
      graph_.SetScope(fmt::format("decoder.{}.up", level + 1));
      state = AddUpConvolution(state, fmt::format("generator.convs.{}", 2 * level));
      graph_.SetScope(fmt::format("decoder.{}.conv", level + 1));
      state = AddConvolution(state, fmt::format("generator.convs.{}", 2 * level + 1));
      graph_.SetScope(fmt::format("rgb.{}", level + 1));
      image = AddToRgb(state, fmt::format("generator.to_rgbs.{}", level), image);
    }
    return image;
  }

  // The activation of what is not a convolution's own output.
  std::string ActivateSum(const std::string& sum, int channels, int resolution) {
    if (form_.activation == ActivationForm::kPlain || resolution < form_.blocked_from) {
      return LeakyRelu(sum);
    }
    const auto ones = graph_.Floats({channels, 1, 1, 1},
                                    std::vector<float>(static_cast<std::size_t>(channels), 1.0F));
    return LeakyRelu(graph_.Add("Conv", {sum, ones}, {{"group", std::int64_t{channels}}}));
  }

  // lrelu(d u + b) = d lrelu(u + b/d), since d > 0: the factor d is left to whoever reads it.
  std::string Activate(const std::string& convolved, const Modulation& modulation, int channels,
                       int resolution) {
    return ActivateSum(
        graph_.Add("Add", {convolved, Spread(modulation.bias_over_d, channels, resolution, true)}),
        channels, resolution);
  }

  // The encoder's feature as this layer sees it: lrelu(noise.weight * feature + bias).
  std::string AddFeature(const std::string& name, int channels, int resolution) {
    const auto noise = weights_.Read(name + ".noise.weight", kSqrt2);
    const float factor = noise.empty() ? 0.0F : noise[0];
    const auto weight = graph_.Floats(
        {channels, 1, 1, 1}, std::vector<float>(static_cast<std::size_t>(channels), factor));
    const auto bias = graph_.Floats({channels}, ActivationBias(weights_, name, true));
    return LeakyRelu(graph_.Add("Conv", {features_[resolution], weight, bias},
                                {{"group", std::int64_t{channels}}}));
  }

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
    return {Activate(convolved, modulation, channels, 4), AddFeature(name, channels, 4),
            modulation.demodulation, channels, 4};
  }

  DecoderState AddUpConvolution(const DecoderState& state, const std::string& name) {
    const Modulation& modulation = modulations_[name];
    const int resolution = 2 * state.resolution;
    const int in = 2 * state.channels;
    const int out = OutputChannels(weights_, name);
    const UpsampleStep step = {"weight",
                               name + ".conv.weight",
                               ConvolutionScale(in, 9),
                               weights_.Read(name + ".conv.blur.kernel"),
                               in,
                               out,
                               state.resolution};
    const bool transposed =
        form_.upsample == UpsampleForm::kTransposedConvolution ||
        (form_.upsample != UpsampleForm::kFoldedBlur && resolution < form_.polyphase_from);
    if (transposed && resolution >= form_.modulated_weights_from) {
      const auto styled = graph_.Add(
          "Mul",
          {AddTransposedWeight(graph_, weights_, step),
           graph_.Add("Reshape", {WholeStyle(modulation, state), graph_.Integers({in, 1, 1, 1})})});
      const auto weight = graph_.Add("Mul", {styled, modulation.demodulation});
      const auto joined =
          graph_.Add("Concat", {state.convolved, state.feature}, {{"axis", std::int64_t{1}}});
      const auto image = AddTransposedConvolution(graph_, joined, weight);
      const auto blurred = AddBlur(graph_, image, step.blur, 1.0, out, {1, 1, 1, 1}, form_.blur,
                                   ActivationBias(weights_, name, false));
      return {LeakyRelu(blurred), AddFeature(name, out, resolution),
              std::nullopt,       out,
              resolution,         true};
    }
    const auto styled = Modulated(modulation, state);
    if (IsBiasedPolyphase(resolution)) {
      const auto bias = Spread(modulation.bias_over_d, out, state.resolution + 2, true);
      return {LeakyRelu(AddBiasedPolyphase(graph_, weights_, styled, bias, step)),
              AddFeature(name, out, resolution),
              modulation.demodulation,
              out,
              resolution,
              true};
    }
    const auto upsampled =
        AddUpsample(graph_, weights_, styled, step,
                    transposed ? UpsampleForm::kTransposedConvolution : form_.upsample, form_.blur);
    return {Activate(upsampled, modulation, out, resolution),
            AddFeature(name, out, resolution),
            modulation.demodulation,
            out,
            resolution,
            true};
  }

  // Both halves times their styles, as one tensor.
  std::string Modulated(const Modulation& modulation, const DecoderState& state) {
    const auto joined =
        graph_.Add("Concat", ModulatedHalves(modulation, state), {{"axis", std::int64_t{1}}});
    return joined;
  }

  std::vector<std::string> ModulatedHalves(const Modulation& modulation,
                                           const DecoderState& state) {
    const auto first =
        Spread(FirstHalfStyle(modulation, state), state.channels, state.resolution, state.blocked);
    const auto second =
        Spread(modulation.halves[1], state.channels, state.resolution, state.blocked);
    return {graph_.Add("Mul", {state.convolved, first}),
            graph_.Add("Mul", {state.feature, second})};
  }

  // One half of the input channels of a weight.
  std::string HalfWeight(const std::string& name, int channels, int out, int taps_a_side, int half,
                         double factor) {
    const auto block =
        static_cast<std::size_t>(channels) * static_cast<std::size_t>(taps_a_side * taps_a_side);
    auto take = [block, half, factor](const std::vector<float>& values) {
      std::vector<float> part;
      for (std::size_t i = static_cast<std::size_t>(half) * block; i < values.size();
           i += 2 * block) {
        for (std::size_t k = i; k < i + block; ++k)
          part.push_back(static_cast<float>(values[k] * factor));
      }
      return part;
    };
    return graph_.Weight("weight",
                         weights_.Transformed(name + ".conv.weight",
                                              {out, channels, taps_a_side, taps_a_side}, take));
  }

  std::string WinogradWeight(const std::string& name, int channels, int out, int half, int product,
                             double factor) {
    const auto in = static_cast<std::size_t>(channels);
    auto take = [in, half, product, factor](const std::vector<float>& values) {
      std::vector<float> part;
      for (std::size_t kernel = 0; kernel < values.size() / 9; ++kernel) {
        if (kernel % (2 * in) / in != static_cast<std::size_t>(half)) continue;
        for (const double tap : WinogradTaps(&values[9 * kernel], product)) {
          part.push_back(static_cast<float>(tap * factor));
        }
      }
      return part;
    };
    return graph_.Weight("weight",
                         weights_.Transformed(name + ".conv.weight", {out, channels, 1, 3}, take));
  }

  DecoderState AddConvolution(const DecoderState& state, const std::string& name) {
    const Modulation& modulation = modulations_[name];
    const int channels = state.channels;
    const int out = OutputChannels(weights_, name);
    const double scale = ConvolutionScale(2 * channels, 9);
    const GraphBuilder::Attributes pads = {{"pads", Ints{1, 1, 1, 1}}};
    const auto feature = AddFeature(name, out, state.resolution);
    if (out * state.resolution >= form_.winograd_from && state.resolution >= form_.blocked_from) {
      const auto convolved = AddWinogradConvolution(
          graph_, ModulatedHalves(modulation, state), channels, out, state.resolution,
          Spread(modulation.bias_over_d, out, state.resolution / kWinogradRows, state.resolution,
                 true),
          [&](std::size_t half, int product) {
            return WinogradWeight(name, channels, out, static_cast<int>(half), product, scale);
          });
      return {ActivateSum(convolved, out, state.resolution), feature, modulation.demodulation, out,
              state.resolution};
    }
    if (!form_.split_halves) {
      const auto weight = graph_.Weight(
          "weight", weights_.Scaled(name + ".conv.weight", {out, 2 * channels, 3, 3}, scale));
      const auto convolved = graph_.Add("Conv", {Modulated(modulation, state), weight}, pads);
      return {Activate(convolved, modulation, out, state.resolution), feature,
              modulation.demodulation, out, state.resolution};
    }
    // The bias is the first term, so that each convolution adds to its result in place.
    const auto halves = ModulatedHalves(modulation, state);
    std::string sum = Spread(modulation.bias_over_d, out, state.resolution, true);
    for (const int half : {1, 0}) {
      const auto weight = HalfWeight(name, channels, out, 3, half, scale);
      sum = graph_.Add(
          "Add", {graph_.Add("Conv", {halves[static_cast<std::size_t>(half)], weight}, pads), sum});
    }
    return {ActivateSum(sum, out, state.resolution), feature, modulation.demodulation, out,
            state.resolution};
  }

  // 1x1 without demodulation, with the style in the few weights; added to the enlarged image so
  // far.
  std::string AddToRgb(const DecoderState& state, const std::string& name,
                       const std::string& skip) {
    const Modulation& modulation = modulations_[name];
    const int colors = description_.color_channels;
    const double scale = ConvolutionScale(2 * state.channels, 1);
    const auto first = graph_.Add("Mul", {HalfWeight(name, state.channels, colors, 1, 0, scale),
                                          FirstHalfStyle(modulation, state)});
    const auto second = graph_.Add(
        "Mul", {HalfWeight(name, state.channels, colors, 1, 1, scale), modulation.halves[1]});
    const auto bias = graph_.Floats({colors}, weights_.Read(name + ".bias"));
    std::string sum = graph_.Add("Conv", {state.feature, second});
    sum = graph_.Add("Add", {graph_.Add("Conv", {state.convolved, first, bias}), sum});
    if (skip.empty()) return sum;
    return graph_.Add("Add", {sum, AddSkip(skip, name, colors)});
  }

  std::string AddSkip(const std::string& image, const std::string& name, int colors) {
    const auto kernel = weights_.Read(name + ".upsample.kernel");
    std::vector<float> repeated;
    for (int i = 0; i < colors; ++i) repeated.insert(repeated.end(), kernel.begin(), kernel.end());
    return graph_.Add(
        "ConvTranspose", {image, graph_.Floats({colors, 1, 4, 4}, repeated)},
        {{"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}, {"group", std::int64_t{colors}}});
  }

  WeightSource weights_;
  const GpenDescription& description_;
  GraphForm form_;
  GraphBuilder graph_;
  std::map<int, std::string> features_;  // By resolution.
  std::map<std::string, Modulation> modulations_;
};

}  // namespace

Result<OnnxModel> BuildGpenGraph(std::shared_ptr<const Checkpoint> checkpoint,
                                 const GpenDescription& description, bool residual,
                                 const GraphForm& form) {
  OnnxModel model;
  const Shape shape = {1, 3, description.image_size, description.image_size};
  model.inputs = {{"input", shape}};
  model.outputs = {{"output", shape}};
  GPEN_TRY(GpenGraph(std::move(checkpoint), description, form, model).Build(residual));
  return model;
}

}  // namespace gpen::model
