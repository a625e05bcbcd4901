// GpenDescription: which GPEN network a state dict holds, inferred from its tensors alone.
//
// One description serves every released and trained size: image size, channels per resolution,
// pixel unshuffle and style size follow from shapes, never from a file name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "converter/checkpoint.h"

namespace gpen::converter {

struct GpenDescription {
  int image_size = 0;      ///< Input and output are 1 x 3 x size x size.
  int unshuffle = 1;       ///< Factor of the pixel unshuffle before the trunk; 1 is none.
  int trunk_size = 0;      ///< image_size / unshuffle: resolution of the first encoder level.
  int color_channels = 3;  ///< 3 * unshuffle^2, of the trunk's input and of its skip images.
  int style_size = 0;
  int mapping_layers = 0;
  std::map<int, int> channels;    ///< By resolution, 4 .. trunk_size.
  double narrow = 0;              ///< channels[4] / 512.
  double channel_multiplier = 1;  ///< Of the resolutions from 64 on.
  std::int64_t parameters = 0;    ///< Values in the state dict without the blur kernels.

  /// Number of resolutions above 4x4; the encoder has as many blocks, the decoder as many levels.
  int levels() const;
  /// "GPEN 256, narrow 0.5, channel multiplier 1, 18,879,010 parameters".
  std::string Summary() const;
};

/// Name and shape of every tensor that the network `description` has.
std::map<std::string, std::vector<std::int64_t>> ExpectedTensors(
    const GpenDescription& description);

/// Infers the network and checks every name and shape against it.
///
/// Errors: kModelInvalid, with all missing names (grouped), unexpected names and wrong shapes
/// (expected and found), or what other network the file looks like.
Result<GpenDescription> DescribeGpen(const Checkpoint& checkpoint);

}  // namespace gpen::converter
