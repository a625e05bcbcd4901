#include "converter/sloped_layers.h"

#include <fmt/format.h>

#include "converter/convolution_node.h"

namespace gpen::converter {

std::vector<SlopedLayer> Stage(const std::string& name, int in, int out, int stride,
                               const std::vector<int>& dilations) {
  std::vector<SlopedLayer> layers = {{name + ".0", in, out, stride, 1, false}};
  for (const int dilation : dilations) {
    layers.push_back({fmt::format("{}.{}", name, layers.size()), out, out, 1, dilation, true});
  }
  return layers;
}

void ExpectStage(const std::vector<SlopedLayer>& stage, Shapes* shapes) {
  for (const SlopedLayer& layer : stage) {
    ExpectConvolution(layer.name + ".convolution", {layer.out, layer.in, 3, 3}, shapes);
    (*shapes)[layer.name + ".slope"] = {layer.out};
  }
}

std::string AddStage(const std::vector<SlopedLayer>& stage, std::string map, WeightSource* weights,
                     GraphBuilder* graph) {
  for (const SlopedLayer& layer : stage) {
    auto made = AddScopedConvolution(map, layer.name + ".convolution", layer.stride, layer.dilation,
                                     weights, graph);
    if (layer.adds) made = graph->Add("Add", {made, map});
    map = AddSlopes(made, layer.name + ".slope", weights, graph);
  }
  return map;
}

}  // namespace gpen::converter
