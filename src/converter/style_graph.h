// The part of GPEN's graph that turns the encoder's last feature into what a photo's style makes of
// each modulated convolution.
#pragma once

#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "converter/gpen_description.h"
#include "converter/graph_builder.h"
#include "converter/weight_source.h"

namespace gpen::converter {

/// Gain of every activation.
inline constexpr double kSqrt2 = std::numbers::sqrt2;

/// What a photo's style makes of one modulated convolution.
struct Modulation {
  std::string style;         ///< Per input channel: 1 x N x 1 x 1.
  std::string demodulation;  ///< Per output channel, likewise; empty for ToRGB.
};

/// GPEN's activation without its gain.
std::string AddLeakyRelu(GraphBuilder& graph, const std::string& x);

/// Scale of an equalised convolution's stored weight.
double ConvolutionScale(int in, int taps);

/// Output channels of the modulated convolution `name`.
int OutputChannels(const WeightSource& weights, const std::string& name);

/// The half of a styled convolution's 2C biases that belongs to the convolution, or to the
/// encoder's feature.
std::vector<float> ActivationBias(WeightSource& weights, const std::string& name, bool of_feature);

/// Adds the mapping network behind `encoded` (the feature of 4x4, channels first, its gain
/// outstanding) and gives the modulations by the name of their convolution.
std::map<std::string, Modulation> AddModulations(GraphBuilder& graph, WeightSource& weights,
                                                 const GpenDescription& description,
                                                 const std::string& encoded);

}  // namespace gpen::converter
