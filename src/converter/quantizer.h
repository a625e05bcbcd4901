// Static INT8 quantisation of a model's convolutions, in QDQ form.
//
// Weights become int8 with one scale per output channel; inputs and outputs of a quantised
// convolution pass through uint8 with one scale each, from ranges that calibration measured. The
// rest of the graph stays float32. Which convolutions are quantised is the caller's choice.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "converter/onnx_names.h"

namespace gpen::converter {

struct ValueRange {
  float low = 0;
  float high = 0;
};

/// Names of the convolution nodes that can be quantised: constant weights, not depthwise.
std::vector<std::string> QuantizableConvolutions(const OnnxModel& model);

/// Of each named convolution the tensors whose ranges are needed, in order: input, output.
std::vector<std::string> CalibratedTensors(const OnnxModel& model,
                                           const std::vector<std::string>& convolutions);

/// `model` with a second output "ranges": the lowest and the highest value of each of `tensors`.
OnnxModel WithRangeOutput(const OnnxModel& model, const std::vector<std::string>& tensors);

/// Quantises `convolutions`. Errors: kInvalidArgument (a range is missing), those of the weights.
Result<OnnxModel> Quantize(const OnnxModel& model, const std::set<std::string>& convolutions,
                           const std::map<std::string, ValueRange>& ranges);

}  // namespace gpen::converter
