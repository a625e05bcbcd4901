// The coarser half of a small U-Net, which networks for whole photos have: maps at a quarter and an
// eighth of a photo's size, made of those at a half and brought back to it.
//
// It is training/gpen_training/coarse_maps.py's CoarseMaps. The names of its tensors begin with
// `prefix`, which may be empty.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "converter/checkpoint.h"
#include "converter/expected_tensors.h"
#include "converter/graph_builder.h"
#include "converter/weight_source.h"

namespace gpen::converter {

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

void ExpectCoarseMaps(const CoarseMaps& maps, Shapes* shapes);

/// `half`: the map that they are made of. Returns one of its size, of `quarter_lift` channels.
std::string AddCoarseMaps(const CoarseMaps& maps, const std::string& half, WeightSource* weights,
                          GraphBuilder* graph);

}  // namespace gpen::converter
