// Builds the ONNX graph of a GPEN network with static weights.
//
// The stock export computes each convolution's weights anew for every photo, which keeps the
// runtime from its fast blocked convolution. Here weights are constants: styles multiply the input
// of a convolution, demodulation its output, with d = rsqrt(A s^2 + 1e-8) and A precomputed. The
// gain sqrt(2) of each activation is moved into the weights behind it, as leaky ReLU allows.
#pragma once

#include <memory>

#include "base/result.h"
#include "converter/checkpoint.h"
#include "converter/gpen_description.h"
#include "converter/onnx_names.h"

namespace gpen::converter {

/// Input "input" and output "output", 1 x 3 x size x size. With `residual` the graph adds its input
/// to its output. The model's weights read `checkpoint` when they are written.
///
/// Errors: those of Checkpoint::ReadFloats.
Result<OnnxModel> BuildGpenGraph(std::shared_ptr<const Checkpoint> checkpoint,
                                 const GpenDescription& description, bool residual);

}  // namespace gpen::converter
