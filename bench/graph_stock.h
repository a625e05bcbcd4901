// The graph that the reference implementation's plain export has, as a baseline for graph_bench.
#pragma once

#include <memory>

#include "base/result.h"
#include "converter/checkpoint.h"
#include "converter/gpen_description.h"
#include "onnx/onnx_model.h"

namespace gpen::bench {

/// Weights are modulated at run time; each blur is upfirdn2d's chain of transposes, reshapes, pads
/// and a one-channel convolution. What the runtime folds by itself (shape arithmetic) is folded
/// already.
Result<onnx::OnnxModel> BuildStockGraph(std::shared_ptr<const converter::Checkpoint> checkpoint,
                                        const converter::GpenDescription& description);

}  // namespace gpen::bench
