#include "converter/gpen_functions.h"

#include <cstdint>
#include <string>
#include <utility>

#include "converter/graph_builder.h"

namespace gpen::converter {
namespace {

using Ints = std::vector<std::int64_t>;

// One function under construction; values are named after the nodes that make them.
class Body {
 public:
  Body(std::string name, std::vector<std::string> inputs)
      : function_{kGpenDomain, std::move(name), std::move(inputs), {"output"}, {}} {}

  std::string Add(const std::string& op, std::vector<std::string> inputs,
                  GraphBuilder::Attributes attributes = {}) {
    std::string name = op + "_" + std::to_string(function_.nodes.size());
    function_.nodes.push_back({op, name, std::move(inputs), {name}, std::move(attributes)});
    return name;
  }
  std::string Integers(Ints values) {
    return Add("Constant", {}, {{"value_ints", std::move(values)}});
  }
  std::string Transpose(const std::string& x, Ints order) {
    return Add("Transpose", {x}, {{"perm", std::move(order)}});
  }
  std::string ChannelsFirst(const std::string& x) { return Transpose(x, {0, 3, 1, 2}); }
  std::string ChannelsLast(const std::string& x) { return Transpose(x, {0, 2, 3, 1}); }

  // activation(x + bias), both channels-last.
  std::string Activate(const std::string& x, const std::string& bias) {
    return Add("LeakyRelu", {bias.empty() ? x : Add("Add", {x, bias})}, {{"alpha", 0.2F}});
  }

  // "weight" in the order in x 3 x 3 x out.
  std::string Weight() {
    const auto joined = Transpose("weight", {3, 1, 2, 0, 4});
    return Add("Reshape", {joined, Integers({0, 0, 0, -1})});
  }

  // The styled input, channels first.
  std::string Styled() {
    const auto scaled = Add("Mul", {"feature", "feature_scale"});
    const auto joined =
        Add("Concat", {"image", Activate(scaled, "feature_bias")}, {{"axis", std::int64_t{3}}});
    return Add("Mul", {ChannelsFirst(joined), "style"});
  }

  // Every channel of `x` (channels first) alone: as one of so many pictures.
  std::string Alone(const std::string& op, const std::string& x, const std::string& kernel,
                    GraphBuilder::Attributes attributes) {
    const auto pictures = Transpose(x, {1, 0, 2, 3});
    return Transpose(Add(op, {pictures, kernel}, std::move(attributes)), {1, 0, 2, 3});
  }

  // Of a convolution's output, channels first.
  std::string Finish(const std::string& x) {
    return Activate(ChannelsLast(Add("Mul", {x, "factor"})), "bias");
  }

  Function Take(const std::string& result) {
    function_.nodes.push_back({"Identity", "output", {result}, {"output"}});
    return std::move(function_);
  }

 private:
  Function function_;
};

Function PointwiseFunction() {
  Body body("PointwiseConvolution", {"image", "weight", "bias"});
  const auto pixels = body.ChannelsLast("image");
  return body.Take(body.Activate(body.Add("MatMul", {pixels, "weight"}), "bias"));
}

Function EncoderFunction() {
  Body body("EncoderConvolution", {"image", "weight", "bias", "blur"});
  const auto blurred =
      body.Alone("Conv", body.ChannelsFirst("image"), "blur", {{"pads", Ints{2, 2, 2, 2}}});
  const auto weight = body.Transpose(body.Weight(), {3, 0, 1, 2});
  const auto convolved = body.Add("Conv", {blurred, weight, "bias"}, {{"strides", Ints{2, 2}}});
  return body.Take(body.ChannelsLast(body.Activate(convolved, "")));
}

std::vector<std::string> DecoderInputs(std::vector<std::string> others) {
  std::vector<std::string> inputs = {"image", "feature", "feature_scale", "feature_bias", "style"};
  inputs.insert(inputs.end(), others.begin(), others.end());
  return inputs;
}

Function StyledFunction() {
  Body body("StyledConvolution", DecoderInputs({"weight", "factor", "bias"}));
  const auto weight = body.Transpose(body.Weight(), {3, 0, 1, 2});
  return body.Take(
      body.Finish(body.Add("Conv", {body.Styled(), weight}, {{"pads", Ints{1, 1, 1, 1}}})));
}

Function StyledUpFunction() {
  Body body("StyledUpConvolution", DecoderInputs({"weight", "factor", "bias", "blur"}));
  const auto weight = body.Transpose(body.Weight(), {0, 3, 1, 2});
  const auto enlarged =
      body.Add("ConvTranspose", {body.Styled(), weight}, {{"strides", Ints{2, 2}}});
  return body.Take(body.Finish(body.Alone("Conv", enlarged, "blur", {{"pads", Ints{1, 1, 1, 1}}})));
}

Function ToRgbFunction() {
  Body body("ToRgb", DecoderInputs({"weight", "bias", "skip", "enlarge"}));
  const auto picture = body.Add("Conv", {body.Styled(), "weight", "bias"});
  const auto skip = body.Alone("ConvTranspose", "skip", "enlarge",
                               {{"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}});
  return body.Take(body.Add("Add", {picture, skip}));
}

}  // namespace

std::vector<Function> GpenFunctions() {
  return {PointwiseFunction(), EncoderFunction(), StyledFunction(), StyledUpFunction(),
          ToRgbFunction()};
}

}  // namespace gpen::converter
