#include "converter/style_graph.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace gpen::converter {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr double kMappingRate = 0.01;  // lr_mlp: scales the mapping layers' weights and biases.
constexpr float kEpsilon = 1e-8F;

class StyleGraph {
 public:
  StyleGraph(GraphBuilder& graph, WeightSource& weights, const GpenDescription& description,
             const std::string& encoded)
      : graph_(graph), weights_(weights), description_(description), encoded_(encoded) {}

  std::map<std::string, Modulation> Build() {
    AddStyles(AddMapping());
    return std::move(modulations_);
  }

 private:
  std::string Linear(const std::string& input, const std::string& name, int in, int out,
                     double rate, double input_gain) {
    const auto weight = graph_.Weight(
        "weight", weights_.Scaled(name + ".weight", {out, in}, rate / std::sqrt(in) * input_gain));
    const auto bias = graph_.Floats({out}, weights_.Read(name + ".bias", rate));
    return AddLeakyRelu(graph_,
                        graph_.Add("Gemm", {input, weight, bias}, {{"transB", std::int64_t{1}}}));
  }

  // The style w without its last gain sqrt(2).
  std::string AddMapping() {
    graph_.SetScope("mapping");
    const int style = description_.style_size;
    const auto flat = graph_.Add("Flatten", {encoded_});
    auto z = Linear(flat, "final_linear.0", description_.channels.at(4) * 16, style, 1.0, kSqrt2);
    // PixelNorm of sqrt(2) z: z / sqrt(mean(z^2) + epsilon / 2).
    const auto squared = graph_.Add("Mul", {z, z});
    const auto mean =
        graph_.Add("ReduceMean", {squared}, {{"axes", Ints{1}}, {"keepdims", std::int64_t{1}}});
    const auto sum = graph_.Add("Add", {mean, graph_.Floats({1, 1}, {kEpsilon / 2})});
    z = graph_.Add("Div", {z, graph_.Add("Sqrt", {sum})});
    for (int i = 1; i <= description_.mapping_layers; ++i) {
      z = Linear(z, fmt::format("generator.style.{}", i), style, style, kMappingRate,
                 i > 1 ? kSqrt2 : 1.0);
    }
    return z;
  }

  std::vector<std::string> StyledConvNames() const {
    std::vector<std::string> names = {"generator.conv1"};
    for (int i = 0; i < 2 * description_.levels(); ++i)
      names.push_back(fmt::format("generator.convs.{}", i));
    return names;
  }

  std::vector<std::string> ToRgbNames() const {
    std::vector<std::string> names = {"generator.to_rgb1"};
    for (int i = 0; i < description_.levels(); ++i)
      names.push_back(fmt::format("generator.to_rgbs.{}", i));
    return names;
  }

  // Gain of a modulated convolution's input, carried by its style: the constant has none.
  static double InputGain(const std::string& name) {
    return name == "generator.conv1" ? 1.0 : kSqrt2;
  }

  int InputChannels(const std::string& name) const {
    return static_cast<int>(weights_.ShapeOf(name + ".conv.weight")[2]);
  }

  // All modulations are one matrix product of the style.
  void AddStyles(const std::string& style) {
    graph_.SetScope("styles");
    const double gain = kSqrt2;  // Of the last mapping layer.
    std::vector<std::string> names = StyledConvNames();
    const std::size_t styled_count = names.size();
    for (const auto& name : ToRgbNames()) names.push_back(name);
    std::vector<std::string> weight_names;
    std::vector<double> factors;
    std::vector<float> biases;
    Ints sizes;
    std::int64_t total = 0;
    for (const auto& name : names) {
      weight_names.push_back(name + ".conv.modulation.weight");
      factors.push_back(InputGain(name) * gain / std::sqrt(description_.style_size));
      const auto bias = weights_.Read(name + ".conv.modulation.bias", InputGain(name));
      biases.insert(biases.end(), bias.begin(), bias.end());
      sizes.push_back(InputChannels(name));
      total += sizes.back();
    }
    const auto weight = graph_.Weight(
        "weight", weights_.Joined(weight_names, {total, description_.style_size}, factors));
    const auto all = graph_.Add("Gemm", {style, weight, graph_.Floats({total}, biases)},
                                {{"transB", std::int64_t{1}}});
    const auto parts = graph_.Split(PerChannel(all, total), sizes);
    const auto squares = graph_.Split(graph_.Add("Mul", {all, all}), sizes);
    for (std::size_t i = 0; i < names.size(); ++i) modulations_[names[i]].style = parts[i];
    names.resize(styled_count);
    AddDemodulations(names, squares);
  }

  // 1/d = sqrt(A s^2 + epsilon), the roots of all layers at once.
  void AddDemodulations(const std::vector<std::string>& names,
                        const std::vector<std::string>& squares) {
    std::vector<std::string> sums;
    Ints sizes;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const int in = InputChannels(names[i]);
      const int out = OutputChannels(weights_, names[i]);
      const double scale = ConvolutionScale(in, 9) / InputGain(names[i]);
      auto sum_of_squares = [factor = scale * scale](const std::vector<float>& values) {
        std::vector<float> sums_of_taps(values.size() / 9);
        for (std::size_t j = 0; j < sums_of_taps.size(); ++j) {
          double sum = 0;
          for (std::size_t k = 0; k < 9; ++k) sum += double{values[9 * j + k]} * values[9 * j + k];
          sums_of_taps[j] = static_cast<float>(sum * factor);
        }
        return sums_of_taps;
      };
      const auto matrix =
          graph_.Weight("demodulation",
                        weights_.Transformed(names[i] + ".conv.weight", {out, in}, sum_of_squares));
      const auto epsilon =
          graph_.Floats({out}, std::vector<float>(static_cast<std::size_t>(out), kEpsilon));
      sums.push_back(
          graph_.Add("Gemm", {squares[i], matrix, epsilon}, {{"transB", std::int64_t{1}}}));
      sizes.push_back(out);
      total += out;
    }
    const auto roots = graph_.Add(
        "Sqrt", {PerChannel(graph_.Add("Concat", sums, {{"axis", std::int64_t{1}}}), total)});
    const auto demodulations = graph_.Split(graph_.Add("Reciprocal", {roots}), sizes);
    for (std::size_t i = 0; i < names.size(); ++i) {
      modulations_[names[i]].demodulation = demodulations[i];
    }
  }

  // 1 x N as 1 x N x 1 x 1.
  std::string PerChannel(const std::string& vector, std::int64_t channels) {
    return graph_.Add("Reshape", {vector, graph_.Integers({1, channels, 1, 1})});
  }

  GraphBuilder& graph_;
  WeightSource& weights_;
  const GpenDescription& description_;
  const std::string& encoded_;
  std::map<std::string, Modulation> modulations_;
};

}  // namespace

std::string AddLeakyRelu(GraphBuilder& graph, const std::string& x) {
  return graph.Add("LeakyRelu", {x}, {{"alpha", 0.2F}});
}

double ConvolutionScale(int in, int taps) { return 1.0 / std::sqrt(in * taps); }

int OutputChannels(const WeightSource& weights, const std::string& name) {
  return static_cast<int>(weights.ShapeOf(name + ".conv.weight")[1]);
}

std::vector<float> ActivationBias(WeightSource& weights, const std::string& name, bool of_feature) {
  const auto both = weights.Read(name + ".activate.bias");
  const auto middle = both.begin() + static_cast<std::ptrdiff_t>(both.size() / 2);
  return of_feature ? std::vector<float>(middle, both.end())
                    : std::vector<float>(both.begin(), middle);
}

std::map<std::string, Modulation> AddModulations(GraphBuilder& graph, WeightSource& weights,
                                                 const GpenDescription& description,
                                                 const std::string& encoded) {
  return StyleGraph(graph, weights, description, encoded).Build();
}

}  // namespace gpen::converter
