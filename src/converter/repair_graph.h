// The network that finds damage in photos: what a state dict holds, and the ONNX graph of it.
//
// It is training/gpen_training/repair_network.py's: a small U-Net over the colours of 2x2 pixels,
// which gives the logits of their being damaged. Pixels are left unshuffled before and shuffled
// behind: that is for whoever runs it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "converter/checkpoint.h"
#include "converter/coarse_maps.h"
#include "converter/onnx_names.h"

namespace gpen::converter {

struct RepairDescription {
  int half = 0;  ///< Channels at a half of the photo's size, which it works at.
  CoarseMaps coarse;
  std::int64_t parameters = 0;

  /// "network that finds damage, of 24, 40 and 64 channels at a half, a quarter and an eighth of
  /// the size, 277,940 parameters".
  std::string Summary() const;
};

/// True where the tensors are those of such a network, whole or not.
bool LooksLikeRepairNetwork(const Checkpoint& checkpoint);

/// Infers the network and checks every name and shape.
///
/// Errors: kModelInvalid, naming the tensor, what was expected and what was found.
Result<RepairDescription> DescribeRepairNetwork(
    const std::shared_ptr<const Checkpoint>& checkpoint);

/// For a picture of kPhotoGraphSide (photo_graph.h); it runs with any whose sides are multiples
/// of 4. Errors: those of reading the tensors.
Result<OnnxModel> BuildRepairGraph(const std::shared_ptr<const Checkpoint>& checkpoint,
                                   const RepairDescription& description);

}  // namespace gpen::converter
