#include "converter/repair_graph.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "converter/convolution_node.h"
#include "converter/expected_tensors.h"
#include "converter/graph_builder.h"
#include "converter/photo_graph.h"
#include "converter/weight_source.h"

namespace gpen::converter {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr int kPixels = 4;  // Of which one of the network's is made.
constexpr int kInputChannels = 3 * kPixels;
constexpr int kMostDilation = 16;
constexpr const char* kDilations = "dilations";
constexpr const char* kHead = "repair";
constexpr const char* kLiftQuarter = "lift_quarter";
constexpr const char* kLiftEighth = "lift_eighth";

// A 3x3 convolution with PReLU; where it `adds`, to what it reads.
struct Layer {
  std::string name;
  int in;
  int out;
  int stride;
  int dilation;
  bool adds;
};

std::vector<Layer> Stage(const std::string& name, int in, int out, int stride,
                         const std::vector<int>& dilations) {
  std::vector<Layer> layers = {{name + ".0", in, out, stride, 1, false}};
  for (const int dilation : dilations) {
    layers.push_back({fmt::format("{}.{}", name, layers.size()), out, out, 1, dilation, true});
  }
  return layers;
}

std::vector<Layer> AtHalf(const RepairDescription& network) {
  return Stage("at_half", kInputChannels, network.half, 1, {1});
}
std::vector<Layer> AtQuarter(const RepairDescription& network) {
  return Stage("at_quarter", network.half, network.quarter, 2, {1, 1});
}
std::vector<Layer> AtEighth(const RepairDescription& network) {
  return Stage("at_eighth", network.quarter, network.eighth, 2, network.dilations);
}
std::vector<Layer> BackQuarter(const RepairDescription& network) {
  return Stage("back_quarter", network.eighth_lift + network.quarter, network.quarter, 1, {1});
}
std::vector<Layer> BackHalf(const RepairDescription& network) {
  return Stage("back_half", network.quarter_lift + network.half, network.half, 1, {1});
}

// Every tensor that the network has.
std::map<std::string, Shape> ExpectedShapes(const RepairDescription& network) {
  std::map<std::string, Shape> shapes;
  const auto add = [&](const std::string& name, Shape shape) {
    shapes[name + ".bias"] = {shape[0]};
    shapes[name + ".weight"] = std::move(shape);
  };
  for (const auto& stage : {AtHalf(network), AtQuarter(network), AtEighth(network),
                            BackQuarter(network), BackHalf(network)}) {
    for (const Layer& layer : stage) {
      add(layer.name + ".convolution", {layer.out, layer.in, 3, 3});
      shapes[layer.name + ".slope"] = {layer.out};
    }
  }
  add(kLiftEighth, {std::int64_t{4} * network.eighth_lift, network.eighth, 1, 1});
  add(kLiftQuarter, {std::int64_t{4} * network.quarter_lift, network.quarter, 1, 1});
  add(kHead, {kPixels, network.half, 3, 3});
  shapes[kDilations] = {static_cast<std::int64_t>(network.dilations.size())};
  return shapes;
}

// `values`, whose first of `count` parts are for channel 0 of four pixels, then of channel 1, and
// so on (PyTorch's pixel_shuffle), with those of one pixel together, as DepthToSpace has them.
std::vector<float> ByPixel(const std::vector<float>& values, std::int64_t count) {
  std::vector<float> ordered;
  ordered.reserve(values.size());
  const auto part = static_cast<std::ptrdiff_t>(values.size()) / count;
  for (std::int64_t pixel = 0; pixel < 4; ++pixel) {
    for (std::int64_t channel = 0; channel < count / 4; ++channel) {
      const auto first = values.begin() + (channel * 4 + pixel) * part;
      ordered.insert(ordered.end(), first, first + part);
    }
  }
  return ordered;
}

class Builder {
 public:
  Builder(OnnxModel& model, const std::shared_ptr<const Checkpoint>& checkpoint)
      : graph_(model), weights_(checkpoint) {}

  std::string Run(const std::vector<Layer>& stage, std::string map) {
    for (const Layer& layer : stage) {
      const auto made = Convolve(map, layer.name + ".convolution", layer.stride, layer.dilation);
      if (layer.adds) map = graph_.Add("Add", {made, map});
      auto slope = weights_.Read(layer.name + ".slope");
      map = graph_.Add("PRelu",
                       {layer.adds ? map : made,
                        graph_.Weight("slope", FloatValues({layer.out, 1, 1}, std::move(slope)))});
    }
    return map;
  }

  // `map` at twice its size, beside `other`, which has that.
  std::string Lift(const std::string& name, const std::string& map, const std::string& other) {
    graph_.SetScope(name);
    const Shape shape = weights_.ShapeOf(name + ".weight");
    const auto constant = [&](const std::string& part, const Shape& of) {
      return graph_.Weight(part,
                           FloatValues(of, ByPixel(weights_.Read(name + "." + part), shape[0])));
    };
    const auto made =
        graph_.Add("Conv", {map, constant("weight", shape), constant("bias", {shape[0]})});
    const auto lifted = graph_.Add("DepthToSpace", {made}, {{"blocksize", std::int64_t{2}}});
    return graph_.Add("Concat", {lifted, other}, {{"axis", std::int64_t{1}}});
  }

  std::string Convolve(const std::string& map, const std::string& name, std::int64_t stride,
                       std::int64_t dilation) {
    graph_.SetScope(name);
    GraphBuilder::Attributes attributes = {{"pads", Ints(4, dilation)}};
    if (stride > 1) attributes["strides"] = Ints(2, stride);
    if (dilation > 1) attributes["dilations"] = Ints(2, dilation);
    return AddConvolution(map, name, std::move(attributes), &weights_, &graph_);
  }

  Result<void> Finish(const std::string& map) {
    graph_.NameOutput(map, "output");
    return weights_.status();
  }

 private:
  GraphBuilder graph_;
  WeightSource weights_;
};

Result<std::vector<int>> ReadDilations(const std::shared_ptr<const Checkpoint>& checkpoint) {
  WeightSource weights(checkpoint);
  const auto values = weights.Read(kDilations);
  GPEN_TRY(weights.status());
  std::vector<int> dilations;
  for (const float value : values) {
    const bool in_range = value >= 1 && value <= kMostDilation;  // Not if it is no number.
    const int dilation = in_range ? static_cast<int>(value) : 0;
    if (!in_range || static_cast<float>(dilation) != value) {
      return Error(ErrorCode::kModelInvalid,
                   fmt::format("{}: expected dilations from 1 to {}, found {}",
                               checkpoint->file_name(), kMostDilation, value));
    }
    dilations.push_back(dilation);
  }
  return dilations;
}

}  // namespace

std::string RepairDescription::Summary() const {
  return fmt::format(
      "network that finds damage, of {}, {} and {} channels at a half, a quarter and an eighth of "
      "the size, {} parameters",
      half, quarter, eighth, parameters);
}

bool LooksLikeRepairNetwork(const Checkpoint& checkpoint) {
  return checkpoint.tensors().contains(std::string(kLiftEighth) + ".weight") &&
         checkpoint.tensors().contains(kDilations);
}

Result<RepairDescription> DescribeRepairNetwork(
    const std::shared_ptr<const Checkpoint>& shared_checkpoint) {
  const Checkpoint& checkpoint = *shared_checkpoint;
  RepairDescription network;
  const auto channels_of = [&](const std::string& layer) {
    return ChannelsOf(checkpoint, layer + ".weight");
  };
  GPEN_ASSIGN_OR_RETURN(network.half, channels_of("at_half.0.convolution"));
  GPEN_ASSIGN_OR_RETURN(network.quarter, channels_of("at_quarter.0.convolution"));
  GPEN_ASSIGN_OR_RETURN(network.eighth, channels_of("at_eighth.0.convolution"));
  GPEN_ASSIGN_OR_RETURN(const int quarter_pixels, channels_of(kLiftQuarter));
  GPEN_ASSIGN_OR_RETURN(const int eighth_pixels, channels_of(kLiftEighth));
  network.quarter_lift = quarter_pixels / 4;  // What is no multiple is found below.
  network.eighth_lift = eighth_pixels / 4;
  GPEN_ASSIGN_OR_RETURN(network.dilations, ReadDilations(shared_checkpoint));
  GPEN_ASSIGN_OR_RETURN(network.parameters, CheckTensors(checkpoint, ExpectedShapes(network),
                                                         "a network that finds damage"));
  network.parameters -= static_cast<std::int64_t>(network.dilations.size());  // No weights.
  return network;
}

Result<OnnxModel> BuildRepairGraph(const std::shared_ptr<const Checkpoint>& checkpoint,
                                   const RepairDescription& description) {
  OnnxModel model;
  model.inputs.push_back({"input", {1, kInputChannels, kPhotoGraphSide, kPhotoGraphSide}});
  model.outputs.push_back({"output", {1, kPixels, kPhotoGraphSide, kPhotoGraphSide}});
  Builder builder(model, checkpoint);
  const auto half = builder.Run(AtHalf(description), "input");
  const auto quarter = builder.Run(AtQuarter(description), half);
  const auto eighth = builder.Run(AtEighth(description), quarter);
  const auto back_quarter =
      builder.Run(BackQuarter(description), builder.Lift(kLiftEighth, eighth, quarter));
  const auto back_half =
      builder.Run(BackHalf(description), builder.Lift(kLiftQuarter, back_quarter, half));
  GPEN_TRY(builder.Finish(builder.Convolve(back_half, kHead, 1, 1)));
  return model;
}

}  // namespace gpen::converter
