// What GPEN's layers, the nodes of the domain "gpen", compute: as functions of ONNX's own
// operators, for programs without our kernels (nn/gpen_operators.h) and for those who change
// graphs.
#pragma once

#include <vector>

#include "converter/onnx_names.h"

namespace gpen::converter {

/// The domain of our layers.
inline constexpr const char* kGpenDomain = "gpen";

/// Maps between our layers are 1 x height x width x channels; a 3x3 weight is
/// out / block x 3 x 3 x in x block, blurs are correlations of 1 x 1 x 4 x 4, and per-channel
/// factors are 1 x channels x 1 x 1. Inputs in order:
///
///   PointwiseConvolution  image (1 x colors x height x width), weight (colors x out), bias
///   EncoderConvolution    image, weight, bias, blur
///   StyledConvolution     image, feature, feature_scale, feature_bias, style, weight, factor, bias
///   StyledUpConvolution   the same, blur
///   ToRgb                 image to style, weight (colors x in x 1 x 1), bias, skip, enlarge
///
/// kernels/layers.h says what they do.
std::vector<Function> GpenFunctions();

}  // namespace gpen::converter
