// Reads a plain convolutional network out of an ONNX graph: convolutions, depthwise ones that a 1x1
// follows, ReLU, PReLU, additions, 2x2 maxima, channels put together or made 2x2 pixels; scales and
// batch normalisations become part of the weights.
//
// What comes after a map is brought into the order of pixels (Transpose, Reshape) only decodes it,
// and is left to whoever runs the network.
#pragma once

#include <string>

#include "base/result.h"
#include "nn/convolution_layers.h"
#include "onnx/onnx_model.h"

namespace gpen::nn {

/// `name` is used in messages. Denormal weights become zeros.
///
/// Errors: kModelInvalid (an operator or a form of one that is not among the above, named).
Result<ConvolutionLayers> ImportConvolutions(const onnx::OnnxModel& model, const std::string& name);

}  // namespace gpen::nn
