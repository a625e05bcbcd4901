#include "converter/convolution_node.h"

#include <utility>

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

}  // namespace gpen::converter
