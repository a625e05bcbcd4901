// The network that tells what the pixels of an aligned face show
// (training/gpen_training/parsing_network.py): what a state dict holds, and the ONNX graph of it.
//
// A plain convolutional network over the crop's colours and two channels more, where a pixel lies.
// Its output is left unshuffled, and its scores without the softmax: both are for whoever runs it
// (face/face_parser.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "converter/checkpoint.h"
#include "converter/onnx_names.h"

namespace gpen::converter {

struct ParsingDescription {
  int entrance = 0;  ///< Channels at half of the resolution.
  int width = 0;     ///< Channels at a quarter of it.
  std::int64_t parameters = 0;

  /// "face parsing network, 6 dilated layers of 40 channels, 99,352 parameters".
  std::string Summary() const;
};

inline constexpr int kParsingClasses = 4;
/// Of the input: three colours, then across and down, -1 to 1.
inline constexpr int kParsingChannels = 5;
/// The side of the crop that the network was trained for.
inline constexpr int kParsingSide = 128;
/// So many pixels a side are the channels of one in the output.
inline constexpr int kParsingShrink = 4;

/// True where the tensors are those of such a network, whole or not.
bool LooksLikeParsingNetwork(const Checkpoint& checkpoint);

/// Infers the network and checks every name and shape. Errors: kModelInvalid, naming the tensor,
/// what was expected and what was found.
Result<ParsingDescription> DescribeParsingNetwork(const Checkpoint& checkpoint);

/// Of what DescribeParsingNetwork() has found in order. Errors: those of reading the tensors.
Result<OnnxModel> BuildParsingGraph(const std::shared_ptr<const Checkpoint>& checkpoint);

}  // namespace gpen::converter
