#include "model/winograd_graph.h"

#include <cstdint>

namespace gpen::model {
namespace {

using Ints = std::vector<std::int64_t>;

// Of the points 0, 1, -1, 2, -2 and infinity. The rows of B are given by their taps alone.
constexpr double kWeights[kWinogradProducts][3] = {
    {1.0 / 4, 0, 0},
    {-1.0 / 6, -1.0 / 6, -1.0 / 6},
    {-1.0 / 6, 1.0 / 6, -1.0 / 6},
    {1.0 / 24, 1.0 / 12, 1.0 / 6},
    {1.0 / 24, -1.0 / 12, 1.0 / 6},
    {0, 0, 1},
};

struct InputTaps {
  int first_row;  // Of six, of which the second is the step's own first row.
  int dilation;
  std::vector<float> taps;
};

const std::vector<InputTaps>& InputTransform() {
  static const std::vector<InputTaps> transform = {
      {0, 2, {4, -5, 1}},     {1, 1, {-4, -4, 1, 1}}, {1, 1, {4, -4, -1, 1}},
      {1, 1, {-2, -1, 2, 1}}, {1, 1, {2, -1, -2, 1}}, {1, 2, {4, -5, 1}},
  };
  return transform;
}

// The column of 1 in every row: what is added to this product is added to each row of the output.
constexpr int kProductInEveryRow = 1;
const std::vector<float> kOutputTransform = {
    1, 1, 1,  1, 1,  0,  //
    0, 1, -1, 2, -2, 0,  //
    0, 1, 1,  4, 4,  0,  //
    0, 1, -1, 8, -8, 1,
};

std::string TransformInput(GraphBuilder& graph, const std::string& input, int channels,
                           int product) {
  const InputTaps& row = InputTransform()[static_cast<std::size_t>(product)];
  const auto count = static_cast<std::int64_t>(row.taps.size());
  std::vector<float> taps;
  for (int i = 0; i < channels; ++i) taps.insert(taps.end(), row.taps.begin(), row.taps.end());
  const std::int64_t last_row = row.first_row + row.dilation * (count - 1);
  return graph.Add("Conv", {input, graph.Floats({channels, 1, count, 1}, std::move(taps))},
                   {{"strides", Ints{kWinogradRows, 1}},
                    {"dilations", Ints{row.dilation, 1}},
                    {"pads", Ints{row.first_row == 0 ? 1 : 0, 0, last_row == 5 ? 1 : 0, 0}},
                    {"group", std::int64_t{channels}}});
}

}  // namespace

std::vector<double> WinogradTaps(const float* kernel, int product) {
  std::vector<double> taps(3);
  for (int row = 0; row < 3; ++row) {
    for (std::size_t x = 0; x < 3; ++x)
      taps[x] += kWeights[product][row] * kernel[3 * row + static_cast<int>(x)];
  }
  return taps;
}

std::string AddWinogradConvolution(
    GraphBuilder& graph, const std::vector<std::string>& inputs, int in_channels, int out_channels,
    int side, const std::string& bias,
    const std::function<std::string(std::size_t input, int product)>& weight) {
  std::vector<std::string> products;
  for (int product = 0; product < kWinogradProducts; ++product) {
    std::string sum = product == kProductInEveryRow ? bias : "";
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto convolved = graph.Add(
          "Conv", {TransformInput(graph, inputs[i], in_channels, product), weight(i, product)},
          {{"pads", Ints{0, 1, 0, 1}}});
      sum = sum.empty() ? convolved : graph.Add("Add", {convolved, sum});
    }
    products.push_back(sum);
  }
  // Side by side the products of a step are the rows of a matrix.
  const auto joined = graph.Add("Concat", products, {{"axis", std::int64_t{3}}});
  const std::int64_t steps = std::int64_t{out_channels} * (side / kWinogradRows);
  const auto rows =
      graph.Add("Reshape", {joined, graph.Integers({steps, kWinogradProducts, side})});
  const auto output = graph.Add(
      "MatMul", {graph.Floats({kWinogradRows, kWinogradProducts}, kOutputTransform), rows});
  return graph.Add("Reshape", {output, graph.Integers({1, out_channels, side, side})});
}

}  // namespace gpen::model
