// A model without functions: each node that has one becomes the function's own nodes, and what they
// do to constants alone is done at once. For who changes a graph's nodes (model/quantizer.h).
#pragma once

#include "converter/onnx_names.h"

namespace gpen::converter {

/// `model` in ONNX's own operators; a model without functions stays as it is. Errors:
/// kModelInvalid where a function calls another of ours, or is called with too many inputs.
Result<OnnxModel> InStandardOperators(const OnnxModel& model);

}  // namespace gpen::converter
