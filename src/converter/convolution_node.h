// A convolution of a state dict, and what follows it, as nodes of a graph.
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

/// The same of a 3x3 one that keeps the size, but for its stride, under a scope of its name.
std::string AddScopedConvolution(const std::string& input, const std::string& name, int stride,
                                 int dilation, WeightSource* weights, GraphBuilder* graph);

/// Adds a PRelu of `input`, whose slopes, one for each channel, are the tensor `name`.
std::string AddSlopes(const std::string& input, const std::string& name, WeightSource* weights,
                      GraphBuilder* graph);

}  // namespace gpen::converter
