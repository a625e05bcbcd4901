// A 3x3 convolution by Winograd's F(4,3) along the columns: half of the products, for more bytes.
//
// Four rows of the output are made of six rows of the input: y = A (G w * B x), with a 1x3
// convolution for each of the six products. B is six depthwise convolutions and A one matrix
// product, so that the runtime's blocked convolution does all the work.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/graph_builder.h"

namespace gpen::model {

/// Rows of the output that one step makes: the height must be a multiple.
inline constexpr int kWinogradRows = 4;

/// Products of such a step.
inline constexpr int kWinogradProducts = 6;

/// The 1x3 taps that product `product` takes of a 3x3 kernel (9 values, row-major): 3 values.
std::vector<double> WinogradTaps(const float* kernel, int product);

/// The sum of 3x3 convolutions, with padding 1, of `inputs` (each 1 x in_channels x side x side,
/// best in the blocked layout), plus `bias`: a map of one fourth of the rows, or what broadcasts to
/// it, with the same value in each row. `weight` gives the constant of WinogradTaps for an input
/// and a product. The result, 1 x out_channels x side x side, is in the plain layout.
std::string AddWinogradConvolution(
    GraphBuilder& graph, const std::vector<std::string>& inputs, int in_channels, int out_channels,
    int side, const std::string& bias,
    const std::function<std::string(std::size_t input, int product)>& weight);

}  // namespace gpen::model
