// Writes an OnnxModel in the ONNX file format (Protocol Buffers wire format).
//
// Weights are made, written and freed one by one: the peak of memory is the largest tensor.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "onnx/onnx_model.h"

namespace gpen::onnx {

/// Where the bytes go, in order.
using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

/// Errors: those of the weights and of `sink`; kInvalidArgument when the file would pass 2 GB,
/// the format's limit.
Result<void> WriteModel(const OnnxModel& model, const ByteSink& sink);

/// WriteModel into memory.
Result<std::vector<std::byte>> ModelBytes(const OnnxModel& model);

}  // namespace gpen::onnx
