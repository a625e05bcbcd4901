#include "graph_stock.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "converter/graph_builder.h"
#include "converter/weight_source.h"

namespace gpen::bench {
namespace {

using namespace gpen::converter;
using Ints = std::vector<std::int64_t>;

class StockGraph {
 public:
  StockGraph(std::shared_ptr<const Checkpoint> checkpoint, const GpenDescription& description,
             OnnxModel& model)
      : weights_(std::move(checkpoint)), description_(description), graph_(model) {}

  Result<void> Build() {
    std::vector<std::string> features;
    int size = description_.trunk_size;
    const auto& channels = description_.channels;
    const int colors = description_.color_channels;
    std::string x = Activate(
        graph_.Add("Conv", {graph_.PixelUnshuffle("input", 3, size, description_.unshuffle),
                            Scaled("ecd0.0.0.weight", {channels.at(size), colors, 1, 1}, colors)}),
        "ecd0.0.1.bias", channels.at(size));
    features.push_back(x);
    for (int i = 1; size > 4; ++i, size /= 2) {
      const std::string name = fmt::format("ecd{}.0.", i);
      const int in = channels.at(size), out = channels.at(size / 2);
      x = Upfirdn(x, name + "0.kernel", in, size, 1, 2, 2);
      x = graph_.Add("Conv", {x, Scaled(name + "1.weight", {out, in, 3, 3}, in * 9)},
                     {{"strides", Ints{2, 2}}});
      x = Activate(x, name + "2.bias", out);
      features.push_back(x);
    }
    AddMapping(x);
    x = graph_.Weight("constant",
                      weights_.Scaled("generator.input.input", {1, channels.at(4), 4, 4}, 1));
    x = Styled(x, "generator.conv1", channels.at(4), channels.at(4), 4, false, features.back());
    std::string image = ToRgb(x, "generator.to_rgb1", 2 * channels.at(4), 4, "");
    for (int level = 0; level < description_.levels(); ++level, size *= 2) {
      const int in = 2 * channels.at(size), out = channels.at(2 * size);
      const auto& feature = features[features.size() - 2 - static_cast<std::size_t>(level)];
      x = Styled(x, fmt::format("generator.convs.{}", 2 * level), in, out, size, true, feature);
      x = Styled(x, fmt::format("generator.convs.{}", 2 * level + 1), 2 * out, out, 2 * size, false,
                 feature);
      image = ToRgb(x, fmt::format("generator.to_rgbs.{}", level), 2 * out, 2 * size, image);
    }
    image = graph_.PixelShuffle(image, description_.unshuffle);
    graph_.NameOutput(image, "output");
    return weights_.status();
  }

 private:
  std::string Scaled(const std::string& name, Shape shape, int fan_in) {
    return graph_.Weight("weight", weights_.Scaled(name, std::move(shape), 1 / std::sqrt(fan_in)));
  }
  std::string Scalar(double value) { return graph_.Floats({}, {static_cast<float>(value)}); }
  std::string Reshape(const std::string& x, Ints shape) {
    return graph_.Add("Reshape", {x, graph_.Integers(std::move(shape))});
  }

  std::string Gain(const std::string& x) {
    return graph_.Add("Mul",
                      {graph_.Add("LeakyRelu", {x}, {{"alpha", 0.2F}}), Scalar(std::sqrt(2.0))});
  }
  std::string Activate(const std::string& x, const std::string& bias, int channels) {
    return Gain(graph_.Add("Add", {x, graph_.Floats({1, channels, 1, 1}, weights_.Read(bias))}));
  }

  // upfirdn2d_native: channels last, zeros between the pixels, padding, one-channel convolution.
  std::string Upfirdn(const std::string& x, const std::string& kernel, int channels, int size,
                      int up, int before, int after) {
    std::string y = graph_.Add("Transpose", {x}, {{"perm", Ints{0, 2, 3, 1}}});
    y = Reshape(y, {-1, size, 1, size, 1, channels});
    y = graph_.Add("Pad", {y, graph_.Integers({0, 0, 0, 0, 0, 0, 0, 0, up - 1, 0, up - 1, 0})});
    y = Reshape(y, {-1, size * up, size * up, channels});
    y = graph_.Add("Pad", {y, graph_.Integers({0, before, before, 0, 0, after, after, 0})});
    const int side = size * up + before + after;
    for (const int axis : {1, 2}) {
      y = graph_.Add("Slice", {y, graph_.Integers({0}), graph_.Integers({side}),
                               graph_.Integers({axis}), graph_.Integers({1})});
    }
    y = graph_.Add("Transpose", {y}, {{"perm", Ints{0, 3, 1, 2}}});
    y = Reshape(y, {-1, 1, side, side});
    const auto values = weights_.Read(kernel);
    y = graph_.Add("Conv", {y, graph_.Floats({1, 1, 4, 4}, {values.rbegin(), values.rend()})});
    return Reshape(y, {-1, channels, side - 3, side - 3});
  }

  void AddMapping(const std::string& x) {
    const int style = description_.style_size;
    std::string z =
        Linear(Reshape(x, {1, -1}), "final_linear.0", description_.channels.at(4) * 16, style, 1);
    const auto mean = graph_.Add("ReduceMean", {graph_.Add("Pow", {z, Scalar(2)})},
                                 {{"axes", Ints{1}}, {"keepdims", std::int64_t{1}}});
    const auto root = graph_.Add("Sqrt", {graph_.Add("Add", {mean, Scalar(1e-8)})});
    z = graph_.Add("Mul", {z, graph_.Add("Div", {Scalar(1), root})});
    for (int i = 1; i <= description_.mapping_layers; ++i) {
      z = Linear(z, fmt::format("generator.style.{}", i), style, style, 0.01);
    }
    style_ = z;
  }

  // x W^T + b, the weight transposed as the export writes it.
  std::string Linear(const std::string& x, const std::string& name, int in, int out, double rate) {
    auto transpose = [=](const std::vector<float>& values) {
      std::vector<float> result(values.size());
      for (int o = 0; o < out; ++o) {
        for (int i = 0; i < in; ++i) {
          result[static_cast<std::size_t>(i) * static_cast<std::size_t>(out) +
                 static_cast<std::size_t>(o)] =
              static_cast<float>(values[static_cast<std::size_t>(o) * static_cast<std::size_t>(in) +
                                        static_cast<std::size_t>(i)] *
                                 rate / std::sqrt(in));
        }
      }
      return result;
    };
    const auto weight =
        graph_.Weight("weight", weights_.Transformed(name + ".weight", {in, out}, transpose));
    return Gain(graph_.Add("Add", {graph_.Add("MatMul", {x, weight}),
                                   graph_.Floats({1, out}, weights_.Read(name + ".bias", rate))}));
  }

  // The weights of a modulated convolution, out x in x k x k, computed for every photo.
  std::string Modulated(const std::string& name, int in, int out, int taps, bool demodulate) {
    const auto matrix =
        Scaled(name + ".modulation.weight", {in, description_.style_size}, description_.style_size);
    const auto bias = graph_.Floats({in}, weights_.Read(name + ".modulation.bias"));
    const auto style = graph_.Add("Gemm", {style_, matrix, bias}, {{"transB", std::int64_t{1}}});
    std::string weight =
        graph_.Add("Mul", {Scaled(name + ".weight", {1, out, in, taps, taps}, in * taps * taps),
                           Reshape(style, {1, 1, in, 1, 1})});
    if (!demodulate) return weight;
    const auto sum = graph_.Add(
        "ReduceSum", {graph_.Add("Pow", {weight, Scalar(2)}), graph_.Integers({2, 3, 4})},
        {{"keepdims", std::int64_t{0}}});
    const auto root = graph_.Add("Sqrt", {graph_.Add("Add", {sum, Scalar(1e-8)})});
    return graph_.Add("Mul",
                      {weight, Reshape(graph_.Add("Div", {Scalar(1), root}), {1, out, 1, 1, 1})});
  }

  std::string Styled(const std::string& x, const std::string& name, int in, int out, int size,
                     bool up, const std::string& feature) {
    const auto weight = Modulated(name + ".conv", in, out, 3, true);
    std::string y;
    if (up) {
      const auto transposed = graph_.Add("Transpose", {weight}, {{"perm", Ints{0, 2, 1, 3, 4}}});
      y = graph_.Add("ConvTranspose", {x, Reshape(transposed, {in, out, 3, 3})},
                     {{"strides", Ints{2, 2}}});
      y = Upfirdn(y, name + ".conv.blur.kernel", out, 2 * size + 1, 1, 1, 1);
    } else {
      y = graph_.Add("Conv", {x, Reshape(weight, {out, in, 3, 3})}, {{"pads", Ints{1, 1, 1, 1}}});
    }
    const auto noise =
        graph_.Add("Mul", {graph_.Floats({1}, weights_.Read(name + ".noise.weight")), feature});
    return Activate(graph_.Add("Concat", {y, noise}, {{"axis", std::int64_t{1}}}),
                    name + ".activate.bias", 2 * out);
  }

  std::string ToRgb(const std::string& x, const std::string& name, int in, int size,
                    const std::string& skip) {
    const int colors = description_.color_channels;
    const auto weight =
        Reshape(Modulated(name + ".conv", in, colors, 1, false), {colors, in, 1, 1});
    const auto bias = graph_.Floats({1, colors, 1, 1}, weights_.Read(name + ".bias"));
    const auto y = graph_.Add("Add", {graph_.Add("Conv", {x, weight}), bias});
    if (skip.empty()) return y;
    return graph_.Add("Add",
                      {y, Upfirdn(skip, name + ".upsample.kernel", colors, size / 2, 2, 2, 1)});
  }

  WeightSource weights_;
  const GpenDescription& description_;
  GraphBuilder graph_;
  std::string style_;
};

}  // namespace

Result<OnnxModel> BuildStockGraph(std::shared_ptr<const Checkpoint> checkpoint,
                                  const GpenDescription& description) {
  OnnxModel model;
  model.opset = 13;
  const Shape shape = {1, 3, description.image_size, description.image_size};
  model.inputs = {{"input", shape}};
  model.outputs = {{"output", shape}};
  GPEN_TRY(StockGraph(std::move(checkpoint), description, model).Build());
  return model;
}

}  // namespace gpen::bench
