// The upsampling convolution of GPEN's decoder, in each of its forms.
//
// Computes blur(conv_transpose(x, w, stride 2)) for w of 3x3 and a 4x4 blur kernel, r -> 2r.
#pragma once

#include <string>
#include <vector>

#include "model/graph_builder.h"
#include "model/graph_form.h"
#include "model/weight_source.h"

namespace gpen::model {

struct UpsampleStep {
  std::string label;        ///< Of the weight in the graph.
  std::string weight_name;  ///< In the checkpoint, 1 x out x in x 3 x 3.
  double weight_factor = 1.0;
  std::vector<float> blur;  ///< 4x4, row-major, as in the checkpoint (gain 4 included).
  int in_channels = 0;
  int out_channels = 0;
  int resolution = 0;  ///< Of the input.
};

/// A depthwise blur of `channels`, with the kernel as in the checkpoint times `gain`. `pads` are
/// top, left, bottom, right. `bias` may be empty.
std::string AddBlur(GraphBuilder& graph, const std::string& input, const std::vector<float>& kernel,
                    double gain, int channels, const std::vector<std::int64_t>& pads, BlurForm form,
                    const std::vector<float>& bias = {});

/// The transposed convolution of `input` with runtime weights (in x out x 3 x 3); no blur.
std::string AddTransposedConvolution(GraphBuilder& graph, const std::string& input,
                                     const std::string& weight);

/// The weight of `step` as a constant in the order in x out x 3 x 3.
std::string AddTransposedWeight(GraphBuilder& graph, const WeightSource& weights,
                                const UpsampleStep& step);

/// The whole step with constant weights.
std::string AddUpsample(GraphBuilder& graph, const WeightSource& weights, const std::string& input,
                        const UpsampleStep& step, UpsampleForm form, BlurForm blur);

/// The step in polyphase form with `bias` (a map of out_channels, two larger than the input) added
/// before the blur: the result is blur(conv_transpose(x, w)) + sum(blur) * bias, to the edge. Its
/// last node is a convolution, so that an activation fuses with it.
std::string AddBiasedPolyphase(GraphBuilder& graph, const WeightSource& weights,
                               const std::string& input, const std::string& bias,
                               const UpsampleStep& step);

}  // namespace gpen::model
