#include "converter/graph_builder.h"

#include <fmt/format.h>

#include <utility>

#include "converter/gpen_functions.h"

namespace gpen::converter {

std::string GraphBuilder::NewName(const std::string& label) {
  std::string name = scope_.empty() ? label : scope_ + "/" + label;
  const int count = used_[name]++;
  return count == 0 ? name : fmt::format("{}_{}", name, count);
}

std::string GraphBuilder::Add(const std::string& op, std::vector<std::string> inputs,
                              Attributes attributes) {
  std::string name = NewName(op);
  model_.nodes.push_back({op, name, std::move(inputs), {name}, std::move(attributes)});
  return name;
}

std::string GraphBuilder::AddLayer(const std::string& op, std::vector<std::string> inputs) {
  std::string name = Add(op, std::move(inputs));
  model_.nodes.back().domain = kGpenDomain;
  return name;
}

std::vector<std::string> GraphBuilder::Split(const std::string& input,
                                             const std::vector<std::int64_t>& sizes) {
  const std::string name = NewName("Split");
  std::vector<std::string> outputs;
  for (std::size_t i = 0; i < sizes.size(); ++i) outputs.push_back(fmt::format("{}.{}", name, i));
  model_.nodes.push_back(
      {"Split", name, {input, Integers(sizes)}, outputs, {{"axis", std::int64_t{1}}}});
  return outputs;
}

std::string GraphBuilder::PixelUnshuffle(const std::string& x, std::int64_t channels,
                                         std::int64_t side, std::int64_t factor) {
  if (factor == 1) return x;
  // Channel c*f*f + f*y + x, which SpaceToDepth orders otherwise.
  using Ints = std::vector<std::int64_t>;
  const auto split = Add("Reshape", {x, Integers({1, channels, side, factor, side, factor})});
  const auto moved = Add("Transpose", {split}, {{"perm", Ints{0, 1, 3, 5, 2, 4}}});
  return Add("Reshape", {moved, Integers({1, channels * factor * factor, side, side})});
}

std::string GraphBuilder::PixelShuffle(const std::string& x, std::int64_t factor) {
  if (factor == 1) return x;
  return Add("DepthToSpace", {x}, {{"blocksize", factor}, {"mode", std::string("CRD")}});
}

std::string GraphBuilder::Floats(Shape shape, std::vector<float> values) {
  return Weight("constant", FloatValues(std::move(shape), std::move(values)));
}

std::string GraphBuilder::Integers(std::vector<std::int64_t> values) {
  return Weight("integers", IntegerValues(std::move(values)));
}

std::string GraphBuilder::Weight(const std::string& label, Initializer initializer) {
  std::string name = NewName(label);
  model_.initializers.emplace(name, std::move(initializer));
  return name;
}

void GraphBuilder::NameOutput(const std::string& value, const std::string& output) {
  model_.nodes.push_back({"Identity", NewName("Identity"), {value}, {output}});
}

}  // namespace gpen::converter
