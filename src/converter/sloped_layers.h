// 3x3 convolutions with PReLU, in stages, as training/gpen_training/coarse_maps.py's stage() makes
// them.
#pragma once

#include <string>
#include <vector>

#include "converter/expected_tensors.h"
#include "converter/graph_builder.h"
#include "converter/weight_source.h"

namespace gpen::converter {

struct SlopedLayer {
  std::string name;
  int in = 0;
  int out = 0;
  int stride = 1;
  int dilation = 1;
  bool adds = false;  ///< To what it reads.
};

/// The first changes channels and size, the others add, each with its dilation.
std::vector<SlopedLayer> Stage(const std::string& name, int in, int out, int stride,
                               const std::vector<int>& dilations);

void ExpectStage(const std::vector<SlopedLayer>& stage, Shapes* shapes);

/// Returns what its last layer makes of `map`.
std::string AddStage(const std::vector<SlopedLayer>& stage, std::string map, WeightSource* weights,
                     GraphBuilder* graph);

}  // namespace gpen::converter
