#include "converter/convolution_node.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace gpen::converter {

std::string AddConvolution(const std::string& input, const std::string& name,
                           GraphBuilder::Attributes attributes, WeightSource* weights,
                           GraphBuilder* graph) {
  const auto constant = [&](const std::string& part) {
    const std::string whole = name + "." + part;
    return graph->Weight(part, FloatValues(weights->ShapeOf(whole), weights->Read(whole)));
  };
  return graph->Add("Conv", {input, constant("weight"), constant("bias")}, std::move(attributes));
}

std::string AddScopedConvolution(const std::string& input, const std::string& name, int stride,
                                 int dilation, WeightSource* weights, GraphBuilder* graph) {
  using Ints = std::vector<std::int64_t>;
  graph->SetScope(name);
  GraphBuilder::Attributes attributes = {{"pads", Ints(4, dilation)}};
  if (stride > 1) attributes["strides"] = Ints(2, stride);
  if (dilation > 1) attributes["dilations"] = Ints(2, dilation);
  return AddConvolution(input, name, std::move(attributes), weights, graph);
}

std::string AddSlopes(const std::string& input, const std::string& name, WeightSource* weights,
                      GraphBuilder* graph) {
  auto slopes = weights->Read(name);
  const auto channels = static_cast<std::int64_t>(slopes.size());
  const auto constant = graph->Weight("slope", FloatValues({channels, 1, 1}, std::move(slopes)));
  return graph->Add("PRelu", {input, constant});
}

}  // namespace gpen::converter
