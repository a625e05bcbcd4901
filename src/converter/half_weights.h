// Stores a model's large weights as float16, which halves the file.
//
// Each becomes a float16 initializer followed by one Cast to float, which the runtime folds when it
// loads the model: the arithmetic stays in float32.
#pragma once

#include "converter/onnx_names.h"

namespace gpen::converter {

/// Changes every float32 initializer of at least 256 values. Weights that float16 cannot hold
/// (above 65504, or so small that most of their digits would go) stay as they are.
void StoreWeightsAsHalf(OnnxModel& model);

}  // namespace gpen::converter
