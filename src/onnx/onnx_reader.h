// Reads an ONNX file into an OnnxModel; the weights stay in the file until they are needed.
//
// Reads what WriteModel writes and what common exporters write for plain networks: weights as raw
// data, attributes of integers, floats and texts. Constant nodes become initializers. Subgraphs and
// other tensor attributes are refused.
#pragma once

#include <memory>

#include "base/result.h"
#include "onnx/byte_source.h"
#include "onnx/onnx_model.h"

namespace gpen::onnx {

/// The model's initializers share ownership of `source`.
///
/// Errors: kModelInvalid (not ONNX, cut short, or uses what is not supported, named).
Result<OnnxModel> ReadModel(std::shared_ptr<const ByteSource> source);

}  // namespace gpen::onnx
