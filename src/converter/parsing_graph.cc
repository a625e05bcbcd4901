#include "converter/parsing_graph.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "converter/convolution_node.h"
#include "converter/expected_tensors.h"
#include "converter/graph_builder.h"
#include "converter/weight_source.h"

namespace gpen::converter {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr std::array kDilations = {1, 2, 4, 8, 4, 1};
constexpr int kEntranceLayers = 2;
constexpr int kHeadChannels = kParsingClasses * kParsingShrink * kParsingShrink;

std::string Entrance(int layer) { return fmt::format("entrance.{}", layer); }
std::string Dilated(std::size_t layer) { return fmt::format("dilated.{}", layer); }
std::string Slope(std::size_t layer) { return fmt::format("slopes.{}", layer); }

// Every tensor that the network has.
Shapes ExpectedShapes(const ParsingDescription& network) {
  Shapes shapes;
  const auto add = [&](const std::string& name, Shape shape) {
    ExpectConvolution(name, std::move(shape), &shapes);
  };
  add(Entrance(0), {network.entrance, kParsingChannels, 3, 3});
  add(Entrance(1), {network.width, network.entrance, 3, 3});
  shapes[Slope(0)] = {network.entrance};
  shapes[Slope(1)] = {network.width};
  for (std::size_t layer = 0; layer < kDilations.size(); ++layer) {
    add(Dilated(layer), {network.width, network.width, 3, 3});
    shapes[Slope(kEntranceLayers + layer)] = {network.width};
  }
  add("head", {kHeadChannels, network.width, 1, 1});
  return shapes;
}

}  // namespace

std::string ParsingDescription::Summary() const {
  return fmt::format("face parsing network, {} dilated layers of {} channels, {} parameters",
                     kDilations.size(), width, parameters);
}

bool LooksLikeParsingNetwork(const Checkpoint& checkpoint) {
  return checkpoint.tensors().contains("entrance.0.weight") &&
         checkpoint.tensors().contains("dilated.0.weight");
}

Result<ParsingDescription> DescribeParsingNetwork(const Checkpoint& checkpoint) {
  ParsingDescription network;
  GPEN_ASSIGN_OR_RETURN(network.entrance, ChannelsOf(checkpoint, "entrance.0.weight"));
  GPEN_ASSIGN_OR_RETURN(network.width, ChannelsOf(checkpoint, "entrance.1.weight"));
  GPEN_ASSIGN_OR_RETURN(network.parameters, CheckTensors(checkpoint, ExpectedShapes(network),
                                                         "a face parsing network"));
  return network;
}

Result<OnnxModel> BuildParsingGraph(const std::shared_ptr<const Checkpoint>& checkpoint) {
  constexpr int kOutputSide = kParsingSide / kParsingShrink;
  OnnxModel model;
  model.inputs.push_back({"input", {1, kParsingChannels, kParsingSide, kParsingSide}});
  model.outputs.push_back({"output", {1, kHeadChannels, kOutputSide, kOutputSide}});
  GraphBuilder graph(model);
  WeightSource weights(checkpoint);
  const auto convolve = [&](const std::string& input, const std::string& name,
                            GraphBuilder::Attributes attributes) {
    graph.SetScope(name);
    return AddConvolution(input, name, std::move(attributes), &weights, &graph);
  };
  std::string map = "input";
  for (int layer = 0; layer < kEntranceLayers; ++layer) {
    map = convolve(map, Entrance(layer), {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}});
    map = AddSlopes(map, Slope(static_cast<std::size_t>(layer)), &weights, &graph);
  }
  for (std::size_t layer = 0; layer < kDilations.size(); ++layer) {
    const std::int64_t reach = kDilations[layer];
    const auto change = convolve(map, Dilated(layer),
                                 {{"pads", Ints(4, reach)}, {"dilations", Ints{reach, reach}}});
    map = AddSlopes(graph.Add("Add", {change, map}), Slope(kEntranceLayers + layer), &weights,
                    &graph);
  }
  map = convolve(map, "head", {});
  graph.NameOutput(map, "output");
  GPEN_TRY(weights.status());
  return model;
}

}  // namespace gpen::converter
