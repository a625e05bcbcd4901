#include "converter/quantizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>

namespace gpen::converter {
namespace {

// The constant behind a weight, directly or through the Cast of a float16 initializer.
const Initializer* FindWeight(const OnnxModel& model, const std::string& name) {
  const auto found = model.initializers.find(name);
  if (found != model.initializers.end()) return &found->second;
  for (const auto& node : model.nodes) {
    if (node.op != "Cast" || node.outputs[0] != name) continue;
    const auto source = model.initializers.find(node.inputs[0]);
    return source == model.initializers.end() ? nullptr : &source->second;
  }
  return nullptr;
}

bool IsQuantizable(const OnnxModel& model, const Node& node) {
  if (node.op != "Conv" || node.inputs.size() < 2) return false;
  const auto group = node.attributes.find("group");
  if (group != node.attributes.end() && std::get<std::int64_t>(group->second) != 1) return false;
  const Initializer* weight = FindWeight(model, node.inputs[1]);
  // Blurs have one input channel.
  return weight != nullptr && weight->shape.size() == 4 && weight->shape[1] > 1;
}

template <typename T>
Initializer Values(DataType type, Shape shape, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  std::vector<std::byte> copy(bytes.begin(), bytes.end());
  return {type, std::move(shape),
          [copy = std::move(copy)]() -> Result<std::vector<std::byte>> { return copy; }};
}

struct ActivationScale {
  float scale = 1;
  std::uint8_t zero_point = 0;
};

// 0 must be exact: it is what padding is made of.
ActivationScale ScaleOf(ValueRange range) {
  const float low = std::min(range.low, 0.0F);
  const float high = std::max(range.high, 0.0F);
  ActivationScale result;
  result.scale = high > low ? (high - low) / 255.0F : 1.0F;
  result.zero_point =
      static_cast<std::uint8_t>(std::clamp(std::lround(-low / result.scale), 0L, 255L));
  return result;
}

class QuantizedGraph {
 public:
  QuantizedGraph(const OnnxModel& source, const std::map<std::string, ValueRange>& ranges)
      : source_(source), ranges_(ranges), result_(source) {
    result_.nodes.clear();
  }

  Result<OnnxModel> Build(const std::set<std::string>& convolutions) {
    for (const Node& node : source_.nodes) {
      if (convolutions.contains(node.name) && IsQuantizable(source_, node)) {
        GPEN_TRY(AddQuantized(node));
      } else {
        result_.nodes.push_back(node);
      }
    }
    RemoveUnused();
    return std::move(result_);
  }

 private:
  Result<ActivationScale> RangeOf(const std::string& tensor) const {
    const auto range = ranges_.find(tensor);
    if (range == ranges_.end()) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("no range was measured for the tensor '{}'", tensor));
    }
    return ScaleOf(range->second);
  }

  // Adds Quantize and Dequantize between `from` and `to`.
  void AddRoundTrip(const std::string& from, const std::string& to, const std::string& name,
                    ActivationScale scale) {
    const std::string scale_name = name + ".scale";
    const std::string zero_name = name + ".zero";
    result_.initializers[scale_name] = Values<float>(DataType::kFloat, {}, {scale.scale});
    result_.initializers[zero_name] =
        Values<std::uint8_t>(DataType::kUInt8, {}, {scale.zero_point});
    result_.nodes.push_back(
        {"QuantizeLinear", name + ".quantize", {from, scale_name, zero_name}, {name + ".uint8"}});
    result_.nodes.push_back(
        {"DequantizeLinear", name + ".dequantize", {name + ".uint8", scale_name, zero_name}, {to}});
  }

  // Returns the scales: one per output channel.
  Result<std::vector<float>> AddWeight(const Node& node, const std::string& name) {
    const Initializer* weight = FindWeight(source_, node.inputs[1]);
    GPEN_ASSIGN_OR_RETURN(const auto values, ReadFloatValues(*weight));
    const auto channels = static_cast<std::size_t>(weight->shape[0]);
    const std::size_t filter = values.size() / channels;
    std::vector<float> scales(channels);
    std::vector<std::int8_t> rounded(values.size());
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const auto part = std::span(values).subspan(channel * filter, filter);
      float largest = 0;
      for (const float value : part) largest = std::max(largest, std::abs(value));
      scales[channel] = largest > 0 ? largest / 127.0F : 1.0F;
      for (std::size_t i = 0; i < filter; ++i) {
        rounded[channel * filter + i] =
            static_cast<std::int8_t>(std::lround(part[i] / scales[channel]));
      }
    }
    const auto count = static_cast<std::int64_t>(channels);
    result_.initializers[name + ".int8"] = Values(DataType::kInt8, weight->shape, rounded);
    result_.initializers[name + ".scale"] = Values(DataType::kFloat, {count}, scales);
    result_.initializers[name + ".zero"] =
        Values(DataType::kInt8, {count}, std::vector<std::int8_t>(channels));
    result_.nodes.push_back({"DequantizeLinear",
                             name + ".dequantize",
                             {name + ".int8", name + ".scale", name + ".zero"},
                             {name},
                             {{"axis", std::int64_t{0}}}});
    return scales;
  }

  // The runtime's integer convolution takes its bias as int32 in the product's scale.
  Result<void> AddBias(const Node& node, const std::string& name, float input_scale,
                       const std::vector<float>& weight_scales) {
    const Initializer* bias = FindWeight(source_, node.inputs[2]);
    if (bias == nullptr)
      return Error(ErrorCode::kInvalidArgument, "a convolution's bias is no constant");
    GPEN_ASSIGN_OR_RETURN(const auto values, ReadFloatValues(*bias));
    std::vector<float> scales(values.size());
    std::vector<std::int32_t> rounded(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      scales[i] = input_scale * weight_scales[i];
      rounded[i] = static_cast<std::int32_t>(
          std::clamp<double>(std::round(double{values[i]} / scales[i]), -2e9, 2e9));
    }
    const auto count = static_cast<std::int64_t>(values.size());
    result_.initializers[name + ".int32"] = Values(DataType::kInt32, {count}, rounded);
    result_.initializers[name + ".scale"] = Values(DataType::kFloat, {count}, scales);
    result_.initializers[name + ".zero"] =
        Values(DataType::kInt32, {count}, std::vector<std::int32_t>(values.size()));
    result_.nodes.push_back({"DequantizeLinear",
                             name + ".dequantize",
                             {name + ".int32", name + ".scale", name + ".zero"},
                             {name},
                             {{"axis", std::int64_t{0}}}});
    return {};
  }

  Result<void> AddQuantized(const Node& node) {
    Node convolution = node;
    GPEN_ASSIGN_OR_RETURN(const auto input, RangeOf(node.inputs[0]));
    GPEN_ASSIGN_OR_RETURN(const auto output, RangeOf(node.outputs[0]));
    convolution.inputs[0] = node.name + ".q.input";
    AddRoundTrip(node.inputs[0], convolution.inputs[0], convolution.inputs[0], input);
    convolution.inputs[1] = node.name + ".q.weight";
    GPEN_ASSIGN_OR_RETURN(const auto scales, AddWeight(node, convolution.inputs[1]));
    if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
      convolution.inputs[2] = node.name + ".q.bias";
      GPEN_TRY(AddBias(node, convolution.inputs[2], input.scale, scales));
    }
    convolution.outputs[0] = node.name + ".q.raw";
    result_.nodes.push_back(convolution);
    AddRoundTrip(convolution.outputs[0], node.outputs[0], node.name + ".q.output", output);
    return {};
  }

  // Float weights whose convolution now has its own.
  void RemoveUnused() {
    for (int pass = 0; pass < 2; ++pass) {  // First the Casts, then what they read.
      std::set<std::string> read;
      for (const auto& node : result_.nodes) read.insert(node.inputs.begin(), node.inputs.end());
      std::erase_if(result_.nodes, [&](const Node& node) {
        return node.op == "Cast" && !read.contains(node.outputs[0]);
      });
      std::erase_if(result_.initializers,
                    [&](const auto& entry) { return !read.contains(entry.first); });
    }
  }

  const OnnxModel& source_;
  const std::map<std::string, ValueRange>& ranges_;
  OnnxModel result_;
};

}  // namespace

std::vector<std::string> QuantizableConvolutions(const OnnxModel& model) {
  std::vector<std::string> names;
  for (const auto& node : model.nodes) {
    if (IsQuantizable(model, node)) names.push_back(node.name);
  }
  return names;
}

std::vector<std::string> CalibratedTensors(const OnnxModel& model,
                                           const std::vector<std::string>& convolutions) {
  std::vector<std::string> tensors;
  for (const auto& name : convolutions) {
    const auto node = std::ranges::find(model.nodes, name, &Node::name);
    if (node == model.nodes.end()) continue;
    tensors.push_back(node->inputs[0]);
    tensors.push_back(node->outputs[0]);
  }
  return tensors;
}

OnnxModel WithRangeOutput(const OnnxModel& model, const std::vector<std::string>& tensors) {
  OnnxModel result = model;
  Node joined = {"Concat", "ranges.concat", {}, {"ranges"}, {{"axis", std::int64_t{0}}}};
  result.initializers["ranges.shape"] = IntegerValues({1});
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    for (const char* op : {"ReduceMin", "ReduceMax"}) {
      const std::string name = fmt::format("ranges.{}.{}", op, i);
      result.nodes.push_back({op, name, {tensors[i]}, {name}, {{"keepdims", std::int64_t{0}}}});
      result.nodes.push_back({"Reshape", name + ".flat", {name, "ranges.shape"}, {name + ".flat"}});
      joined.inputs.push_back(name + ".flat");
    }
  }
  result.nodes.push_back(std::move(joined));
  result.outputs.push_back({"ranges", {static_cast<std::int64_t>(2 * tensors.size())}});
  return result;
}

Result<OnnxModel> Quantize(const OnnxModel& model, const std::set<std::string>& convolutions,
                           const std::map<std::string, ValueRange>& ranges) {
  return QuantizedGraph(model, ranges).Build(convolutions);
}

}  // namespace gpen::converter
