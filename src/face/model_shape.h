// A check that a loaded network has the outputs that our code reads.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/convolution_network.h"

namespace gpen::face {

/// Errors: kModelInvalid with the expected and the found shapes: `input` and what the network makes
/// of it.
Result<void> CheckShapes(const nn::ConvolutionNetwork& network, std::string_view purpose,
                         const nn::MapShape& input, const std::vector<nn::MapShape>& outputs);

}  // namespace gpen::face
