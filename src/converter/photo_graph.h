// The networks that clean and enlarge whole photos: what a state dict holds, and the ONNX graph of
// it.
//
// They (training/gpen_training/photo_network.py) are plain convolutional networks over the photo's
// colours and one channel more, the wanted amount of cleaning; what they make is added to the
// bicubically enlarged photo, itself a convolution. Some have coarser maps beside. Pixels are left
// unshuffled before and shuffled behind: that is for whoever runs it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "converter/checkpoint.h"
#include "converter/coarse_maps.h"
#include "converter/onnx_names.h"

namespace gpen::converter {

struct PhotoDescription {
  int scale = 1;                     ///< How many times larger the photo becomes.
  int unshuffle = 1;                 ///< So many pixels a side are the channels of one.
  int width = 0;                     ///< Channels of each layer.
  int depth = 0;                     ///< Layers before the last.
  std::optional<CoarseMaps> coarse;  ///< Made of the third layer's, and added to them.
  std::int64_t parameters = 0;

  int input_channels() const { return 3 * unshuffle * unshuffle + 1; }
  int output_channels() const { return 3 * unshuffle * unshuffle * scale * scale; }
  /// "photo network, x2, 8 layers of 32 channels, 69,652 parameters".
  std::string Summary() const;
};

/// The side of the picture that the graph's input states; it runs with any.
inline constexpr int kPhotoGraphSide = 64;

/// True where the tensors are those of such a network, whole or not.
bool LooksLikePhotoNetwork(const Checkpoint& checkpoint);

/// Infers the network and checks every name and shape. A network for several scales must be cut
/// into its scales first (export-photos does).
///
/// Errors: kModelInvalid, naming the tensor, what was expected and what was found.
Result<PhotoDescription> DescribePhotoNetwork(const std::shared_ptr<const Checkpoint>& checkpoint);

/// Errors: those of reading the tensors.
Result<OnnxModel> BuildPhotoGraph(const std::shared_ptr<const Checkpoint>& checkpoint,
                                  const PhotoDescription& description);

}  // namespace gpen::converter
