#include "nn/convolution_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

namespace gpen::nn {
namespace {

using onnx::Node;
using Integers = std::vector<std::int64_t>;

// The attribute `name` of a node, or what stands for it where there is none of that kind.
template <typename Value>
Value AttributeOf(const Node& node, const std::string& name, Value otherwise = {}) {
  const auto found = node.attributes.find(name);
  const auto* value = found == node.attributes.end() ? nullptr : std::get_if<Value>(&found->second);
  return value == nullptr ? otherwise : *value;
}

std::size_t At(MapId map) { return static_cast<std::size_t>(map); }

class Importer {
 public:
  Importer(const onnx::OnnxModel& model, const std::string& name) : model_(model), name_(name) {}

  Result<ConvolutionLayers> Import() {
    if (model_.inputs.size() != 1 || model_.inputs[0].shape.size() != 4) {
      return Invalid("expected one input of four dimensions");
    }
    const onnx::Shape& shape = model_.inputs[0].shape;
    // Pixels come first or last; a Transpose follows in the latter case.
    const bool pixels_first = shape[3] < shape[1];
    maps_[model_.inputs[0].name] = 0;
    layers_.channels.push_back(static_cast<int>(pixels_first ? shape[3] : shape[1]));
    for (const Node& node : model_.nodes) {
      for (const auto& input : node.inputs) ++uses_[input];
    }
    for (const auto& output : model_.outputs) ++uses_[output.name];
    for (const Node& node : model_.nodes) GPEN_TRY(Read(node));
    return Finish();
  }

 private:
  Error Invalid(std::string_view what) const {
    return Error(ErrorCode::kModelInvalid, fmt::format("{}: {}", name_, what));
  }
  Error Unknown(const Node& node, std::string_view what) const {
    return Invalid(fmt::format("the node '{}' ({}): {}",
                               node.outputs.empty() ? "" : node.outputs[0], node.op, what));
  }

  // Nothing where the value is no map: a constant, or what decodes a map.
  const MapId* MapOf(const Node& node, std::size_t input) const {
    if (input >= node.inputs.size()) return nullptr;
    const auto found = maps_.find(node.inputs[input]);
    return found == maps_.end() ? nullptr : &found->second;
  }

  Result<std::vector<float>> Constant(const Node& node, std::size_t input) const {
    const auto found = input < node.inputs.size() ? model_.initializers.find(node.inputs[input])
                                                  : model_.initializers.end();
    if (found == model_.initializers.end()) {
      return Unknown(node, fmt::format("expected a constant as input {}", input));
    }
    GPEN_ASSIGN_OR_RETURN(auto values, onnx::ReadFloatValues(found->second));
    for (float& value : values) {
      if (std::abs(value) < std::numeric_limits<float>::min()) value = 0;
    }
    return values;
  }

  Result<void> Read(const Node& node) {
    bool reads_map = false;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) reads_map |= MapOf(node, i) != nullptr;
    if (!reads_map) {
      return node.op == "ConstantOfShape" ? ReadZeros(node) : Result<void>();
    }
    if (node.outputs.size() != 1) return Unknown(node, "expected one output");
    if (MapOf(node, 0) == nullptr && node.op != "Add" && node.op != "Concat") {
      return Unknown(node, "expected a map as its first input");
    }
    if (node.op == "Conv") return ReadConvolution(node);
    if (node.op == "Gemm") return ReadLinear(node);
    if (node.op == "Relu" || node.op == "PRelu") return ReadActivation(node);
    if (node.op == "Add") return ReadAddition(node);
    if (node.op == "Mul") return ReadScale(node);
    if (node.op == "BatchNormalization") return ReadNormalisation(node);
    if (node.op == "MaxPool") return ReadMaxPool(node);
    if (node.op == "Concat") return ReadConcat(node);
    if (node.op == "DepthToSpace") return ReadShuffle(node);
    if (node.op == "Flatten" || node.op == "Identity") return Rename(node);
    if (node.op == "Transpose") {
      return AttributeOf<Integers>(node, "perm") == Integers{0, 3, 1, 2} ? Rename(node)
                                                                         : Result<void>();
    }
    if (node.op == "Reshape") return {};
    return Unknown(node, "the operator is not known");
  }

  Result<void> Rename(const Node& node) {
    maps_[node.outputs[0]] = *MapOf(node, 0);
    return {};
  }

  void Append(const Node& node, ConvolutionLayer layer, int channels) {
    layer.output = static_cast<MapId>(layers_.channels.size());
    layers_.channels.push_back(channels);
    maps_[node.outputs[0]] = layer.output;
    layers_.layers.push_back(std::move(layer));
  }

  // The layer that makes the map which `node` alone reads as its input number `input`, before its
  // activation; nothing where there is none.
  ConvolutionLayer* MakerOf(const Node& node, std::size_t input) {
    const MapId* map = MapOf(node, input);
    if (map == nullptr || uses_[node.inputs[input]] != 1) return nullptr;
    const auto layer = std::ranges::find(layers_.layers, *map, &ConvolutionLayer::output);
    if (layer == layers_.layers.end()) return nullptr;
    return layer->weights.activation == kernels::Activation::kNone ? &*layer : nullptr;
  }

  // The same where it has weights.
  ConvolutionLayer* LayerBefore(const Node& node, std::size_t input) {
    ConvolutionLayer* layer = MakerOf(node, input);
    return layer != nullptr && !layer->weights.values.empty() ? layer : nullptr;
  }

  Result<Window> ReadWindow(const Node& node, int height, int width) const {
    const Integers strides = AttributeOf<Integers>(node, "strides", {1, 1});
    const Integers dilations = AttributeOf<Integers>(node, "dilations", {1, 1});
    const Integers pads = AttributeOf<Integers>(node, "pads", {0, 0, 0, 0});
    const bool is_explicit = AttributeOf<std::string>(node, "auto_pad", "NOTSET") == "NOTSET";
    const auto in_range = [](std::int64_t value) { return value >= 0 && value <= 16; };
    bool fits = is_explicit && strides.size() == 2 && dilations.size() == 2 && pads.size() == 4 &&
                height > 0 && width > 0 && height * width <= 64;
    for (const auto& list : {strides, dilations, pads}) {
      for (const auto value : list) fits = fits && in_range(value);
    }
    if (!fits || strides[0] != strides[1] || dilations[0] != dilations[1] || strides[0] == 0 ||
        dilations[0] == 0) {
      return Unknown(node,
                     "expected at most 64 taps, equal strides and dilations, explicit padding");
    }
    Window window;
    window.taps = {height, width, static_cast<int>(strides[0]), static_cast<int>(dilations[0])};
    window.pad_top = static_cast<int>(pads[0]);
    window.pad_left = static_cast<int>(pads[1]);
    window.pad_bottom = static_cast<int>(pads[2]);
    window.pad_right = static_cast<int>(pads[3]);
    return window;
  }

  Result<void> ReadConvolution(const Node& node) {
    const MapId from = *MapOf(node, 0);
    const int in = layers_.channels[At(from)];
    GPEN_ASSIGN_OR_RETURN(const auto values, Constant(node, 1));
    const onnx::Shape& shape = model_.initializers.at(node.inputs[1]).shape;
    if (shape.size() != 4 || values.empty())
      return Unknown(node, "expected weights of 4 dimensions");
    const int out = static_cast<int>(shape[0]);
    const auto group = AttributeOf<std::int64_t>(node, "group", 1);
    const bool depthwise = group > 1;
    if (depthwise ? group != in || out != in || shape[1] != 1 : shape[1] != in) {
      return Unknown(node, fmt::format("its weights do not fit {} channels of input", in));
    }
    GPEN_ASSIGN_OR_RETURN(const Window window,
                          ReadWindow(node, static_cast<int>(shape[2]), static_cast<int>(shape[3])));
    std::vector<float> bias(static_cast<std::size_t>(out));
    if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
      GPEN_ASSIGN_OR_RETURN(bias, Constant(node, 2));
    }
    if (bias.size() != static_cast<std::size_t>(out))
      return Unknown(node, "a bias of another size");
    const bool is_pointwise = !depthwise && shape[2] == 1 && shape[3] == 1 &&
                              window.taps.stride == 1 && window.pad_top == 0 &&
                              window.pad_left == 0 && window.pad_bottom == 0 &&
                              window.pad_right == 0;
    if (is_pointwise && TakesInDepthwise(node, from, out, values, bias)) return {};
    if (depthwise && window.taps.dilation != 1)
      return Unknown(node, "a dilated depthwise convolution");
    ConvolutionLayer layer;
    layer.kind = depthwise ? LayerKind::kDepthwise : LayerKind::kConvolution;
    layer.inputs = {from};
    layer.window = window;
    layer.weights.values = values;
    layer.weights.bias = std::move(bias);
    Append(node, std::move(layer), out);
    return {};
  }

  // Makes the depthwise layer whose map this 1x1 convolution alone reads a separable one.
  bool TakesInDepthwise(const Node& node, MapId input, int out, const std::vector<float>& values,
                        const std::vector<float>& bias) {
    const auto found = std::ranges::find(layers_.layers, input, &ConvolutionLayer::output);
    if (found == layers_.layers.end() || found->kind != LayerKind::kDepthwise) return false;
    if (uses_[node.inputs[0]] != 1) return false;
    // It moves to this node's place in the order: what it adds later is there then.
    ConvolutionLayer layer = std::move(*found);
    layers_.layers.erase(found);
    layer.kind = LayerKind::kSeparable;
    layer.depthwise = std::exchange(layer.weights, {});
    layer.weights.values = values;
    layer.weights.bias = bias;
    Append(node, std::move(layer), out);
    return true;
  }

  // Of a map of one pixel: a 1x1 convolution.
  Result<void> ReadLinear(const Node& node) {
    const auto weights = model_.initializers.find(node.inputs.size() > 1 ? node.inputs[1] : "");
    if (weights == model_.initializers.end() || weights->second.shape.size() != 2 ||
        AttributeOf<std::int64_t>(node, "transB") != 1 ||
        AttributeOf<float>(node, "alpha", 1) != 1 || AttributeOf<float>(node, "beta", 1) != 1) {
      return Unknown(node, "expected out x in weights and no factors");
    }
    const MapId from = *MapOf(node, 0);
    const int out = static_cast<int>(weights->second.shape[0]);
    GPEN_ASSIGN_OR_RETURN(auto values, Constant(node, 1));
    GPEN_ASSIGN_OR_RETURN(auto bias, Constant(node, 2));
    if (weights->second.shape[1] != layers_.channels[At(from)] ||
        bias.size() != static_cast<std::size_t>(out)) {
      return Unknown(node, "weights of another size");
    }
    if (TakesInDepthwise(node, from, out, values, bias)) return {};
    Append(node, {.inputs = {from}, .weights = {std::move(values), std::move(bias)}}, out);
    return {};
  }

  Result<void> ReadActivation(const Node& node) {
    ConvolutionLayer* layer = LayerBefore(node, 0);
    if (layer == nullptr) return Unknown(node, "expected it after a convolution or an addition");
    if (node.op == "Relu") {
      layer->weights.activation = kernels::Activation::kRelu;
    } else {
      GPEN_ASSIGN_OR_RETURN(auto slope, Constant(node, 1));
      if (slope.size() != layer->weights.bias.size())
        return Unknown(node, "slopes of another size");
      layer->weights.activation = kernels::Activation::kSloped;
      layer->weights.slope = std::move(slope);
    }
    return Rename(node);
  }

  // The later of two layers adds the map of the other.
  Result<void> ReadAddition(const Node& node) {
    for (const std::size_t input : {std::size_t{0}, std::size_t{1}}) {
      ConvolutionLayer* layer = MakerOf(node, input);
      const MapId* other = MapOf(node, 1 - input);
      if (layer != &layers_.layers.back() || layer->added >= 0 || other == nullptr) continue;
      if (layer->kind == LayerKind::kDepthwise || *other == layer->output) continue;
      if (layer->kind != LayerKind::kShuffle && layer->weights.values.empty()) continue;
      if (layers_.channels[At(*other)] != layers_.channels[At(layer->output)]) continue;
      layer->added = *other;
      maps_[node.outputs[0]] = layer->output;
      return {};
    }
    return Unknown(node, "expected a map that was made just before, and another of equal channels");
  }

  // y = factor * x + shift becomes part of the convolution before.
  Result<void> Fold(const Node& node, const std::vector<float>& factor,
                    const std::vector<float>& shift) {
    ConvolutionLayer* layer = LayerBefore(node, 0);
    if (layer == nullptr || layer->added >= 0)
      return Unknown(node, "expected it after a convolution");
    Weights& weights = layer->weights;
    const std::size_t out = weights.bias.size();
    if (factor.size() != out || shift.size() != out) return Unknown(node, "values of another size");
    const std::size_t each = weights.values.size() / out;
    for (std::size_t o = 0; o < out; ++o) {
      for (std::size_t i = 0; i < each; ++i) weights.values[o * each + i] *= factor[o];
      weights.bias[o] = weights.bias[o] * factor[o] + shift[o];
    }
    return Rename(node);
  }

  Result<void> ReadScale(const Node& node) {
    GPEN_ASSIGN_OR_RETURN(const auto factor, Constant(node, 1));
    if (factor.size() != 1) return Unknown(node, "expected one factor");
    const auto channels = static_cast<std::size_t>(layers_.channels[At(*MapOf(node, 0))]);
    return Fold(node, std::vector<float>(channels, factor[0]), std::vector<float>(channels));
  }

  Result<void> ReadNormalisation(const Node& node) {
    GPEN_ASSIGN_OR_RETURN(auto factor, Constant(node, 1));
    GPEN_ASSIGN_OR_RETURN(auto shift, Constant(node, 2));
    GPEN_ASSIGN_OR_RETURN(const auto mean, Constant(node, 3));
    GPEN_ASSIGN_OR_RETURN(const auto variance, Constant(node, 4));
    const float epsilon = AttributeOf<float>(node, "epsilon", 1e-5F);
    if (shift.size() != factor.size() || mean.size() != factor.size() ||
        variance.size() != factor.size()) {
      return Unknown(node, "values of different sizes");
    }
    for (std::size_t i = 0; i < factor.size(); ++i) {
      factor[i] /= std::sqrt(variance[i] + epsilon);
      shift[i] -= mean[i] * factor[i];
    }
    return Fold(node, factor, shift);
  }

  Result<void> ReadMaxPool(const Node& node) {
    const MapId input = *MapOf(node, 0);
    GPEN_ASSIGN_OR_RETURN(const Window window, ReadWindow(node, 2, 2));
    if (AttributeOf<Integers>(node, "kernel_shape") != Integers{2, 2} || window.taps.stride != 2 ||
        window.taps.dilation != 1 || window.pad_top + window.pad_bottom != 0 ||
        window.pad_left + window.pad_right != 0) {
      return Unknown(node, "expected 2x2 with stride 2 and no padding");
    }
    Append(node, {.kind = LayerKind::kMaxPool, .inputs = {input}, .window = window},
           layers_.channels[At(input)]);
    return {};
  }

  Result<void> ReadConcat(const Node& node) {
    std::vector<MapId> inputs;
    int channels = 0;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (const MapId* map = MapOf(node, i)) {
        if (channels % kernels::kStepFloats != 0)
          return Unknown(node, "channels not in groups of 8");
        inputs.push_back(*map);
        channels += layers_.channels[At(*map)];
      } else if (i + 1 == node.inputs.size() && zeros_.contains(node.inputs[i])) {
        channels += zeros_.at(node.inputs[i]);
      } else {
        return Unknown(node, "expected maps, and zeros at the end");
      }
    }
    if (inputs.empty()) return Unknown(node, "expected maps");
    Append(node, {.kind = LayerKind::kConcat, .inputs = std::move(inputs)}, channels);
    return {};
  }

  Result<void> ReadShuffle(const Node& node) {
    const MapId input = *MapOf(node, 0);
    const int pixels = layers_.channels[At(input)];
    if (AttributeOf<std::int64_t>(node, "blocksize") != 2 ||
        AttributeOf<std::string>(node, "mode", "DCR") != "DCR" ||
        pixels % (4 * kernels::kStepFloats) != 0) {
      return Unknown(node, "expected pixels of 2x2 in DCR mode, each of channels in groups of 8");
    }
    Append(node, {.kind = LayerKind::kShuffle, .inputs = {input}, .enlarges = 2}, pixels / 4);
    return {};
  }

  Result<void> ReadZeros(const Node& node) {
    const auto shape = model_.initializers.find(node.inputs.empty() ? "" : node.inputs[0]);
    if (shape == model_.initializers.end() || node.outputs.size() != 1) return {};
    GPEN_ASSIGN_OR_RETURN(const auto values, onnx::ReadIntegerValues(shape->second));
    constexpr std::int64_t kMostChannels = 1 << 12;
    if (values.size() == 4 && values[1] > 0 && values[1] <= kMostChannels) {
      zeros_[node.outputs[0]] = static_cast<int>(values[1]);
    }
    return {};
  }

  Result<ConvolutionLayers> Finish() {
    std::vector<bool> is_read(layers_.channels.size());
    for (const ConvolutionLayer& layer : layers_.layers) {
      if (layer.kind == LayerKind::kDepthwise) {
        return Invalid("a depthwise convolution that no 1x1 convolution follows");
      }
      for (const MapId input : layer.inputs) is_read[At(input)] = true;
      if (layer.added >= 0) is_read[At(layer.added)] = true;
    }
    for (const ConvolutionLayer& layer : layers_.layers) {
      if (!is_read[At(layer.output)]) layers_.outputs.push_back(layer.output);
    }
    if (layers_.outputs.empty()) return Invalid("expected convolutions, found none");
    if (!ScalesOf(layers_)) {
      return Invalid(
          "expected maps that are whole times coarser than the input, and equally where "
          "they meet");
    }
    for (ConvolutionLayer& layer : layers_.layers) PackWeights(layers_, &layer);
    return std::move(layers_);
  }

  const onnx::OnnxModel& model_;
  const std::string& name_;
  std::map<std::string, MapId> maps_;  // What is known as a map, by the values' names.
  std::map<std::string, int> zeros_;   // Channels of maps of zeros.
  std::map<std::string, int> uses_;
  ConvolutionLayers layers_;
};

}  // namespace

Result<ConvolutionLayers> ImportConvolutions(const onnx::OnnxModel& model,
                                             const std::string& name) {
  return Importer(model, name).Import();
}

}  // namespace gpen::nn
