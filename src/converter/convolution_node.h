// A convolution of a state dict as a node of a graph.
#pragma once

#include <string>

#include "converter/graph_builder.h"
#include "converter/weight_source.h"

namespace gpen::converter {

/// Adds a Conv of `input` with `name`.weight and `name`.bias, under the graph's scope. Returns its
/// output; what cannot be read is in the status of `weights`.
std::string AddConvolution(const std::string& input, const std::string& name,
                           GraphBuilder::Attributes attributes, WeightSource* weights,
                           GraphBuilder* graph);

}  // namespace gpen::converter
