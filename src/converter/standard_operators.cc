#include "converter/standard_operators.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace gpen::converter {
namespace {

using Ints = std::vector<std::int64_t>;

// Values of `bytes` each in a new order of their dimensions.
std::vector<std::byte> Permuted(const std::vector<std::byte>& values, const Shape& shape,
                                const Ints& order, std::size_t bytes) {
  Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size() - 1; i-- > 0;) strides[i] = strides[i + 1] * shape[i + 1];
  std::vector<std::byte> result(values.size());
  Shape position(shape.size());  // In the result.
  for (std::size_t to = 0; to < values.size(); to += bytes) {
    std::int64_t from = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      from += position[i] * strides[static_cast<std::size_t>(order[i])];
    }
    std::memcpy(&result[to], &values[static_cast<std::size_t>(from) * bytes], bytes);
    for (std::size_t i = order.size(); i-- > 0;) {
      if (++position[i] < shape[static_cast<std::size_t>(order[i])]) break;
      position[i] = 0;
    }
  }
  return result;
}

Initializer Transposed(const Initializer& from, const Ints& order) {
  Initializer result = {from.type, {}, nullptr};
  for (const auto axis : order) result.shape.push_back(from.shape[static_cast<std::size_t>(axis)]);
  result.read = [from, order]() -> Result<std::vector<std::byte>> {
    GPEN_ASSIGN_OR_RETURN(const auto values, from.read());
    return Permuted(values, from.shape, order, BytesPerValue(from.type));
  };
  return result;
}

// `shape` as ONNX writes it: 0 copies a dimension, -1 takes what is left. Nothing where it does not
// fit.
std::optional<Initializer> Reshaped(const Initializer& from, const Ints& shape) {
  Initializer result = from;
  result.shape = shape;
  for (std::size_t i = 0; i < std::min(shape.size(), from.shape.size()); ++i) {
    if (shape[i] == 0) result.shape[i] = from.shape[i];
  }
  const std::int64_t known = ElementCount(result.shape);
  for (auto& dimension : result.shape) {
    if (dimension == -1 && known < 0) dimension = ElementCount(from.shape) / -known;
  }
  if (ElementCount(result.shape) != ElementCount(from.shape)) return std::nullopt;
  return result;
}

// The node's order of dimensions, where it has one of `rank`.
const Ints* OrderOf(const Node& node, std::size_t rank) {
  const auto found = node.attributes.find("perm");
  if (found == node.attributes.end()) return nullptr;
  const auto* order = std::get_if<Ints>(&found->second);
  if (order == nullptr || order->size() != rank || rank == 0) return nullptr;
  for (std::size_t i = 0; i < rank; ++i) {
    if (std::ranges::count(*order, static_cast<std::int64_t>(i)) != 1) return nullptr;
  }
  return order;
}

class StandardModel {
 public:
  explicit StandardModel(const OnnxModel& source) : source_(source), result_(source) {
    result_.nodes.clear();
    result_.functions.clear();
  }

  Result<OnnxModel> Build() {
    for (const Node& node : source_.nodes) {
      const auto function = std::ranges::find_if(source_.functions, [&](const Function& each) {
        return each.domain == node.domain && each.name == node.op;
      });
      if (function == source_.functions.end()) {
        Add(node);
        continue;
      }
      GPEN_TRY(AddBody(node, *function));
    }
    RemoveUnused();
    return std::move(result_);
  }

 private:
  // A constant that the graph computes from an initializer, still to be cast to float where `cast`.
  struct Known {
    Initializer value;
    bool cast = false;
  };

  Result<void> AddBody(const Node& call, const Function& function) {
    if (call.inputs.size() > function.inputs.size() ||
        call.outputs.size() != function.outputs.size()) {
      return Error(
          ErrorCode::kModelInvalid,
          fmt::format("the node '{}' does not fit its function {}", call.name, function.name));
    }
    std::map<std::string, std::string> names = {{"", ""}};
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
      names[function.inputs[i]] = call.inputs[i];
    }
    for (std::size_t i = 0; i < call.outputs.size(); ++i) {
      names[function.outputs[i]] = call.outputs[i];
    }
    const auto rename = [&](std::string& name) {
      const auto [found, is_new] = names.emplace(name, call.name + "/" + name);
      name = found->second;
    };
    for (Node node : function.nodes) {
      if (!node.domain.empty()) {
        return Error(ErrorCode::kModelInvalid, fmt::format("the function {} calls {}.{}",
                                                           function.name, node.domain, node.op));
      }
      node.name = call.name + "/" + node.name;
      for (auto& input : node.inputs) rename(input);
      for (auto& output : node.outputs) rename(output);
      Add(node);
    }
    return {};
  }

  std::optional<Known> Find(const std::string& name) const {
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
    const auto found = result_.initializers.find(name);
    if (found == result_.initializers.end()) return std::nullopt;
    return Known{found->second};
  }

  // What the node makes of a constant, if that is simple.
  std::optional<Known> Evaluate(const Node& node) const {
    if (node.inputs.empty() || node.outputs.size() != 1) return std::nullopt;
    const auto input = Find(node.inputs[0]);
    if (!input) return std::nullopt;
    if (node.op == "Transpose") {
      const Ints* order = OrderOf(node, input->value.shape.size());
      if (order != nullptr) return Known{Transposed(input->value, *order), input->cast};
    }
    if (node.op == "Reshape" && node.inputs.size() == 2) {
      const auto shape = integers_.find(node.inputs[1]);
      if (shape == integers_.end()) return std::nullopt;
      auto value = Reshaped(input->value, shape->second);
      if (value) return Known{*std::move(value), input->cast};
    }
    if (node.op == "Cast" && input->value.type == DataType::kFloat16 && !input->cast) {
      return Known{input->value, true};
    }
    return std::nullopt;
  }

  // Adds the node, or notes what it makes of a constant.
  void Add(const Node& node) {
    if (node.op == "Constant" && node.outputs.size() == 1 &&
        node.attributes.contains("value_ints")) {
      if (const auto* values = std::get_if<Ints>(&node.attributes.at("value_ints"))) {
        integers_[node.outputs[0]] = *values;
        result_.initializers[node.outputs[0]] = IntegerValues(*values);
        return;
      }
    }
    if (auto value = Evaluate(node)) {
      known_[node.outputs[0]] = *std::move(value);
      return;
    }
    for (const auto& input : node.inputs) WriteKnown(input);
    result_.nodes.push_back(node);
  }

  // Makes a constant that is read after all a part of the graph.
  void WriteKnown(const std::string& name) {
    const auto found = known_.find(name);
    if (found == known_.end() || !written_.insert(name).second) return;
    if (!found->second.cast) {
      result_.initializers[name] = found->second.value;
      return;
    }
    result_.initializers[name + ".half"] = found->second.value;
    result_.nodes.push_back(
        {"Cast", name + ".cast", {name + ".half"}, {name}, {{"to", std::int64_t{1}}}});
  }

  void RemoveUnused() {
    std::set<std::string> read;
    for (const auto& node : result_.nodes) read.insert(node.inputs.begin(), node.inputs.end());
    std::erase_if(result_.initializers,
                  [&](const auto& entry) { return !read.contains(entry.first); });
  }

  const OnnxModel& source_;
  OnnxModel result_;
  std::map<std::string, Known> known_;
  std::map<std::string, Ints> integers_;  // Of constants inside of functions.
  std::set<std::string> written_;
};

}  // namespace

Result<OnnxModel> InStandardOperators(const OnnxModel& model) {
  if (model.functions.empty()) return model;
  return StandardModel(model).Build();
}

}  // namespace gpen::converter
