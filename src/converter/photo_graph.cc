#include "converter/photo_graph.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "converter/convolution_node.h"
#include "converter/expected_tensors.h"
#include "converter/graph_builder.h"
#include "converter/weight_source.h"

namespace gpen::converter {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr int kColors = 3;
constexpr int kMostLayers = 64;
constexpr int kJoint = 3;  // Layers before the coarser maps.
constexpr const char* kCoarse = "coarse.";

std::string TrunkName(int layer) { return fmt::format("trunk.{}", layer); }
std::string TrunkWeights(int layer) { return TrunkName(layer) + ".weight"; }
std::string SlopeName(int layer) { return fmt::format("slopes.{}", layer); }
std::string HeadName(const PhotoDescription& network) {
  return fmt::format("heads.{}", network.scale);
}

Error Invalid(const Checkpoint& checkpoint, std::string_view what) {
  return Error(ErrorCode::kModelInvalid, fmt::format("{}: {}", checkpoint.file_name(), what));
}

// The root of a square from 1 to `most`; 0 where it is none.
int SmallRoot(std::int64_t square, int most) {
  for (int root = 1; root <= most; ++root) {
    if (std::int64_t{root} * root == square) return root;
  }
  return 0;
}

// Every tensor that the network has.
Shapes ExpectedShapes(const PhotoDescription& network) {
  Shapes shapes;
  for (int layer = 0; layer < network.depth; ++layer) {
    const int in = layer == 0 ? network.input_channels() : network.width;
    ExpectConvolution(TrunkName(layer), {network.width, in, 3, 3}, &shapes);
    shapes[SlopeName(layer)] = {network.width};
  }
  if (network.coarse) ExpectCoarseMaps(*network.coarse, &shapes);
  ExpectConvolution(HeadName(network), {network.output_channels(), network.width, 3, 3}, &shapes);
  return shapes;
}

// The cubic of a = -0.5.
double Cubic(double x) {
  x = std::abs(x);
  if (x <= 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

// What gives the bicubically enlarged photo, its pixels as channels: output x input x side x side.
// Of a network that does not enlarge, its input itself.
Initializer BicubicWeights(const PhotoDescription& network) {
  const int out = network.output_channels();
  const int in = network.input_channels();
  const int side = network.scale == 1 ? 1 : 5;
  const int scale = network.scale;
  std::vector<float> values(static_cast<std::size_t>(out * in * side * side));
  for (int o = 0; o < out; ++o) {
    // Where the pixel lies, in those of the photo, from the middle of the one that it is part of.
    const int phase = o % (scale * scale);
    const double y = (phase / scale + 0.5) / scale - 0.5;
    const double x = (phase % scale + 0.5) / scale - 0.5;
    const int i = o / (scale * scale);
    for (int row = 0; row < side; ++row) {
      for (int column = 0; column < side; ++column) {
        const int from = side / 2;
        values[static_cast<std::size_t>(((o * in + i) * side + row) * side + column)] =
            static_cast<float>(Cubic(y - (row - from)) * Cubic(x - (column - from)));
      }
    }
  }
  return FloatValues({out, in, side, side}, std::move(values));
}

GraphBuilder::Attributes Around(std::int64_t pixels) {
  return {{"pads", Ints{pixels, pixels, pixels, pixels}}};
}

// The scale for which the network has a head; 0 where it has none, or several.
int ScaleOf(const std::map<std::string, CheckpointTensor>& tensors) {
  std::vector<int> scales;
  for (const int scale : {1, 2, 3, 4}) {
    if (tensors.contains(fmt::format("heads.{}.weight", scale))) scales.push_back(scale);
  }
  return scales.size() == 1 ? scales[0] : 0;
}

}  // namespace

std::string PhotoDescription::Summary() const {
  return fmt::format(
      "photo network, x{}{}, {} layers of {} channels{}, {} parameters", scale,
      unshuffle == 1 ? "" : fmt::format(" behind a pixel unshuffle of {}", unshuffle), depth, width,
      coarse ? fmt::format(" and coarser ones of {} and {}", coarse->quarter, coarse->eighth) : "",
      parameters);
}

bool LooksLikePhotoNetwork(const Checkpoint& checkpoint) {
  return checkpoint.tensors().contains(TrunkWeights(0)) &&
         checkpoint.tensors().contains(SlopeName(0));
}

Result<PhotoDescription> DescribePhotoNetwork(
    const std::shared_ptr<const Checkpoint>& shared_checkpoint) {
  const Checkpoint& checkpoint = *shared_checkpoint;
  const auto& tensors = checkpoint.tensors();
  if (tensors.contains("dilations")) {
    return Invalid(
        checkpoint,
        "expected a network that cleans or enlarges, found one that finds damage, in the "
        "form that it had before version 6: train it anew by training's command "
        "train-repair");
  }
  PhotoDescription network;
  GPEN_ASSIGN_OR_RETURN(network.width, ChannelsOf(checkpoint, TrunkWeights(0)));
  const Shape& first = tensors.at(TrunkWeights(0)).shape;
  const std::int64_t colors = first[1] - 1;
  network.unshuffle = colors % kColors == 0 ? SmallRoot(colors / kColors, 4) : 0;
  if (network.unshuffle == 0) {
    return Invalid(checkpoint, fmt::format("expected trunk.0.weight to read the colours of 1, 4, "
                                           "9 or 16 pixels and an amount, found {} channels",
                                           first[1]));
  }
  while (network.depth < kMostLayers && tensors.contains(TrunkWeights(network.depth))) {
    ++network.depth;
  }
  network.scale = ScaleOf(tensors);
  if (network.scale == 0 || (network.scale > 1 && network.unshuffle > 1)) {
    return Invalid(checkpoint,
                   "expected a network for one scale, found none or several: write one by "
                   "training's command export-photos");
  }
  if (HasCoarseMaps(checkpoint, kCoarse)) {
    GPEN_ASSIGN_OR_RETURN(network.coarse,
                          DescribeCoarseMaps(shared_checkpoint, kCoarse, network.width));
    network.coarse->quarter_lift = network.width;  // It is added to.
    if (network.depth <= kJoint) {
      return Invalid(checkpoint, fmt::format("expected more than {} layers beside coarser maps, "
                                             "found {}",
                                             kJoint, network.depth));
    }
  }
  GPEN_ASSIGN_OR_RETURN(network.parameters,
                        CheckTensors(checkpoint, ExpectedShapes(network), "a photo network"));
  if (network.coarse) network.parameters -= std::ssize(network.coarse->dilations);  // No weights.
  return network;
}

Result<OnnxModel> BuildPhotoGraph(const std::shared_ptr<const Checkpoint>& checkpoint,
                                  const PhotoDescription& description) {
  OnnxModel model;
  model.inputs.push_back(
      {"input", {1, description.input_channels(), kPhotoGraphSide, kPhotoGraphSide}});
  model.outputs.push_back(
      {"output", {1, description.output_channels(), kPhotoGraphSide, kPhotoGraphSide}});
  GraphBuilder graph(model);
  WeightSource weights(checkpoint);
  graph.SetScope("enlarged");
  const auto enlarged =
      graph.Add("Conv", {"input", graph.Weight("weight", BicubicWeights(description))},
                Around(description.scale == 1 ? 0 : 2));
  std::string map = "input";
  for (int layer = 0; layer < description.depth; ++layer) {
    if (layer == kJoint && description.coarse) {
      map = graph.Add("Add", {AddCoarseMaps(*description.coarse, map, &weights, &graph), map});
    }
    map = AddScopedConvolution(map, TrunkName(layer), 1, 1, &weights, &graph);
    map = AddSlopes(map, SlopeName(layer), &weights, &graph);
  }
  graph.SetScope("head");
  map = AddConvolution(map, HeadName(description), Around(1), &weights, &graph);
  graph.NameOutput(graph.Add("Add", {map, enlarged}), "output");
  GPEN_TRY(weights.status());
  return model;
}

}  // namespace gpen::converter
