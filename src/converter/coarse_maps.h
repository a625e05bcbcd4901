// The coarser half of a small U-Net, which networks for whole photos have: maps at a quarter and an
// eighth of a photo's size, made of those at a half and brought back to it.
//
// It is training/gpen_training/coarse_maps.py's CoarseMaps. The names of its tensors begin with
// `prefix`, which may be empty.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "converter/checkpoint.h"
#include "converter/graph_builder.h"
#include "converter/weight_source.h"

namespace gpen::converter {

/// A 3x3 convolution with PReLU.
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

using Shapes = std::map<std::string, Shape>;

/// Of the weights and the bias of a convolution.
void AddShapes(const std::string& name, Shape shape, Shapes* shapes);
void AddShapes(const std::vector<SlopedLayer>& stage, Shapes* shapes);

/// Adds a convolution that keeps the size, but for its stride.
std::string Convolve(const std::string& map, const std::string& name, int stride, int dilation,
                     WeightSource* weights, GraphBuilder* graph);
std::string Run(const std::vector<SlopedLayer>& stage, std::string map, WeightSource* weights,
                GraphBuilder* graph);

struct CoarseMaps {
  std::string prefix;
  int half = 0;     ///< Channels that it reads at a half of the photo's size.
  int quarter = 0;  ///< Channels at a quarter.
  int eighth = 0;
  int quarter_lift = 0;        ///< Channels that the half gets from the quarter.
  int eighth_lift = 0;         ///< And the quarter from the eighth.
  std::vector<int> dilations;  ///< Of the layers at an eighth that follow the first.
};

/// True where a state dict has them, whole or not.
bool HasCoarseMaps(const Checkpoint& checkpoint, const std::string& prefix);

/// Errors: kModelInvalid, naming the tensor, what was expected and what was found; those of reading
/// the dilations.
Result<CoarseMaps> DescribeCoarseMaps(const std::shared_ptr<const Checkpoint>& checkpoint,
                                      const std::string& prefix, int half);

void AddShapes(const CoarseMaps& maps, Shapes* shapes);

/// `half`: the map that they are made of. Returns one of its size, of `quarter_lift` channels.
std::string Run(const CoarseMaps& maps, const std::string& half, WeightSource* weights,
                GraphBuilder* graph);

}  // namespace gpen::converter
