#include "model/upsample_graph.h"

#include <cmath>
#include <utility>

namespace gpen::model {
namespace {

using Ints = std::vector<std::int64_t>;

GraphBuilder::Attributes Pads(Ints pads, std::int64_t group = 1) {
  GraphBuilder::Attributes attributes = {{"pads", std::move(pads)}};
  if (group > 1) attributes["group"] = group;
  return attributes;
}

// Row and column sums of a kernel that is an outer product give its factors up to scale.
std::vector<float> Factor(const std::vector<float>& kernel, bool rows) {
  std::vector<float> factor(4);
  double total = 0;
  for (std::size_t y = 0; y < 4; ++y) {
    for (std::size_t x = 0; x < 4; ++x) {
      factor[rows ? y : x] += kernel[4 * y + x];
      total += kernel[4 * y + x];
    }
  }
  for (float& value : factor) value = static_cast<float>(value / std::sqrt(total));
  return factor;
}

bool IsOuterProduct(const std::vector<float>& kernel) {
  const auto rows = Factor(kernel, true);
  const auto columns = Factor(kernel, false);
  for (std::size_t i = 0; i < 16; ++i) {
    if (std::abs(rows[i / 4] * columns[i % 4] - kernel[i]) > 1e-7F) return false;
  }
  return true;
}

std::vector<float> Repeated(const std::vector<float>& values, int times) {
  std::vector<float> repeated;
  for (int i = 0; i < times; ++i) repeated.insert(repeated.end(), values.begin(), values.end());
  return repeated;
}

// The part of a 3x3 weight that reaches one output phase, flipped: transposed convolution scatters
// where convolution gathers. Along an axis phase 0 takes taps 2 and 0, phase 1 tap 1.
Initializer PhaseWeight(const WeightSource& weights, const UpsampleStep& step, int phase_y,
                        int phase_x) {
  const std::vector<int> taps_y = phase_y == 0 ? std::vector<int>{2, 0} : std::vector<int>{1};
  const std::vector<int> taps_x = phase_x == 0 ? std::vector<int>{2, 0} : std::vector<int>{1};
  const Shape shape = {step.out_channels, step.in_channels,
                       static_cast<std::int64_t>(taps_y.size()),
                       static_cast<std::int64_t>(taps_x.size())};
  return weights.Transformed(
      step.weight_name, shape, [=, factor = step.weight_factor](auto values) {
        std::vector<float> part;
        part.reserve(static_cast<std::size_t>(ElementCount(shape)));
        for (std::size_t filter = 0; filter < values.size(); filter += 9) {
          for (const int y : taps_y) {
            for (const int x : taps_x) {
              part.push_back(static_cast<float>(
                  values[filter + static_cast<std::size_t>(3 * y + x)] * factor));
            }
          }
        }
        return part;
      });
}

// Interleaves phases [row][column] of `side` x `side` in channels-last order, where a pixel is one
// block of memory: 2 side x 2 side, channels first again.
std::string Interleave(GraphBuilder& graph, const std::string (&phases)[2][2], std::int64_t side,
                       std::int64_t channels) {
  std::vector<std::string> rows;
  for (const auto& row : phases) {
    std::vector<std::string> columns;
    for (const auto& phase : row) {
      columns.push_back(graph.Add("Transpose", {phase}, {{"perm", Ints{0, 2, 3, 1}}}));
    }
    const auto joined = graph.Add("Concat", columns, {{"axis", std::int64_t{3}}});
    rows.push_back(
        graph.Add("Reshape", {joined, graph.Integers({1, side, 1, 2 * side * channels})}));
  }
  const auto joined = graph.Add("Concat", rows, {{"axis", std::int64_t{2}}});
  const auto image =
      graph.Add("Reshape", {joined, graph.Integers({1, 2 * side, 2 * side, channels})});
  return graph.Add("Transpose", {image}, {{"perm", Ints{0, 3, 1, 2}}});
}

std::string AddPolyphase(GraphBuilder& graph, const WeightSource& weights, const std::string& input,
                         const UpsampleStep& step) {
  std::string phases[2][2];
  for (const int y : {0, 1}) {
    for (const int x : {0, 1}) {
      // The padding gives phase 1 a last row or column of zeros, so that all phases are equal in
      // size.
      phases[y][x] =
          graph.Add("Conv", {input, graph.Weight(step.label, PhaseWeight(weights, step, y, x))},
                    Pads({y == 0 ? 1 : 0, x == 0 ? 1 : 0, 1, 1}));
    }
  }
  return Interleave(graph, phases, step.resolution + 1, step.out_channels);
}

// With the blur the transposed convolution has 6x6 taps; each of the four output phases takes 3x3
// of them, which makes one convolution to four times the channels.
std::string AddFoldedBlur(GraphBuilder& graph, const WeightSource& weights,
                          const std::string& input, const UpsampleStep& step) {
  const Shape shape = {4 * step.out_channels, step.in_channels, 3, 3};
  auto fold = [=, blur = step.blur, factor = step.weight_factor](const std::vector<float>& values) {
    std::vector<float> folded(static_cast<std::size_t>(ElementCount(shape)));
    const auto in = static_cast<std::size_t>(step.in_channels);
    for (std::size_t filter = 0; filter < values.size() / 9; ++filter) {
      double taps[6][6] = {};
      for (std::size_t i = 0; i < 144; ++i) {
        const std::size_t by = i / 36, bx = i / 9 % 4, wy = i / 3 % 3, wx = i % 3;
        taps[by + wy][bx + wx] += factor * blur[4 * by + bx] * values[9 * filter + 3 * wy + wx];
      }
      for (int i = 0; i < 36; ++i) {  // Phase y, x; offset y, x.
        const int py = i / 18, px = i / 9 % 2, dy = i / 3 % 3 - 1, dx = i % 3 - 1;
        const int ky = py + 2 - 2 * dy, kx = px + 2 - 2 * dx;
        if (ky < 0 || ky > 5 || kx < 0 || kx > 5) continue;
        const std::size_t out = 4 * (filter / in) + static_cast<std::size_t>(2 * py + px);
        folded[(out * in + filter % in) * 9 + static_cast<std::size_t>(3 * (dy + 1) + dx + 1)] =
            static_cast<float>(taps[ky][kx]);
      }
    }
    return folded;
  };
  const auto weight = graph.Weight(step.label, weights.Transformed(step.weight_name, shape, fold));
  const auto phases = graph.Add("Conv", {input, weight}, Pads({1, 1, 1, 1}));
  return graph.Add("DepthToSpace", {phases},
                   {{"blocksize", std::int64_t{2}}, {"mode", std::string("CRD")}});
}

}  // namespace

std::string AddBlur(GraphBuilder& graph, const std::string& input, const std::vector<float>& kernel,
                    double gain, int channels, const Ints& pads, BlurForm form,
                    const std::vector<float>& bias) {
  // upfirdn2d convolves, ONNX correlates: the kernel is turned by 180 degrees.
  std::vector<float> turned(kernel.rbegin(), kernel.rend());
  for (float& value : turned) value = static_cast<float>(value * gain);
  std::vector<std::string> tail;
  if (!bias.empty()) tail.push_back(graph.Floats({channels}, bias));
  const auto add = [&](const std::string& x, const std::vector<float>& taps, Shape shape, Ints pad,
                       bool last) {
    std::vector<std::string> inputs = {x, graph.Floats(std::move(shape), Repeated(taps, channels))};
    if (last) inputs.insert(inputs.end(), tail.begin(), tail.end());
    return graph.Add("Conv", inputs, Pads(std::move(pad), channels));
  };
  if (form == BlurForm::kSeparable && IsOuterProduct(turned)) {
    const auto vertical =
        add(input, Factor(turned, true), {channels, 1, 4, 1}, {pads[0], 0, pads[2], 0}, false);
    return add(vertical, Factor(turned, false), {channels, 1, 1, 4}, {0, pads[1], 0, pads[3]},
               true);
  }
  return add(input, turned, {channels, 1, 4, 4}, pads, true);
}

std::string AddTransposedWeight(GraphBuilder& graph, const WeightSource& weights,
                                const UpsampleStep& step) {
  const auto in = static_cast<std::size_t>(step.in_channels);
  const auto out = static_cast<std::size_t>(step.out_channels);
  auto transpose = [in, out, factor = step.weight_factor](const std::vector<float>& values) {
    std::vector<float> transposed(values.size());
    for (std::size_t o = 0; o < out; ++o) {
      for (std::size_t i = 0; i < in; ++i) {
        for (std::size_t k = 0; k < 9; ++k) {
          transposed[(i * out + o) * 9 + k] =
              static_cast<float>(values[(o * in + i) * 9 + k] * factor);
        }
      }
    }
    return transposed;
  };
  return graph.Weight(
      step.label, weights.Transformed(step.weight_name, {step.in_channels, step.out_channels, 3, 3},
                                      transpose));
}

std::string AddTransposedConvolution(GraphBuilder& graph, const std::string& input,
                                     const std::string& weight) {
  return graph.Add("ConvTranspose", {input, weight}, {{"strides", Ints{2, 2}}});
}

std::string AddBiasedPolyphase(GraphBuilder& graph, const WeightSource& weights,
                               const std::string& input, const std::string& bias,
                               const UpsampleStep& step) {
  // The zeros that the blur reads beyond the edge take the bias too, so they are computed: rows -1
  // to 2r + 2 of the image, the odd ones first.
  std::string phases[2][2];
  for (const int y : {1, 0}) {
    for (const int x : {1, 0}) {
      const auto phase =
          graph.Add("Conv", {input, graph.Weight(step.label, PhaseWeight(weights, step, y, x))},
                    Pads({1, 1, y == 0 ? 2 : 1, x == 0 ? 2 : 1}));
      phases[1 - y][1 - x] = graph.Add("Add", {phase, bias});
    }
  }
  const auto image = Interleave(graph, phases, step.resolution + 2, step.out_channels);
  // The last row is one too many: a fifth tap of zero takes it.
  std::vector<float> taps;
  for (std::size_t i = 0; i < 25; ++i) {
    const std::size_t y = i / 5, x = i % 5;
    taps.push_back(y < 4 && x < 4 ? step.blur[15 - 4 * y - x] : 0.0F);
  }
  return graph.Add(
      "Conv",
      {image, graph.Floats({step.out_channels, 1, 5, 5}, Repeated(taps, step.out_channels))},
      Pads({0, 0, 0, 0}, step.out_channels));
}

std::string AddUpsample(GraphBuilder& graph, const WeightSource& weights, const std::string& input,
                        const UpsampleStep& step, UpsampleForm form, BlurForm blur) {
  if (form == UpsampleForm::kFoldedBlur) return AddFoldedBlur(graph, weights, input, step);
  if (form == UpsampleForm::kPolyphase) {
    // The interleaved image has a last row and column of zeros: that is half of the blur's padding.
    const auto image = AddPolyphase(graph, weights, input, step);
    return AddBlur(graph, image, step.blur, 1.0, step.out_channels, {1, 1, 0, 0}, blur);
  }
  const auto image =
      AddTransposedConvolution(graph, input, AddTransposedWeight(graph, weights, step));
  return AddBlur(graph, image, step.blur, 1.0, step.out_channels, {1, 1, 1, 1}, blur);
}

}  // namespace gpen::model
