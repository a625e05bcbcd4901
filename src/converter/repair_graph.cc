#include "converter/repair_graph.h"

#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "converter/convolution_node.h"
#include "converter/expected_tensors.h"
#include "converter/graph_builder.h"
#include "converter/photo_graph.h"
#include "converter/sloped_layers.h"
#include "converter/weight_source.h"

namespace gpen::converter {
namespace {

constexpr int kPixels = 4;  // Of which one of the network's is made.
constexpr int kInputChannels = 3 * kPixels;
constexpr const char* kHead = "repair";

std::vector<SlopedLayer> AtHalf(const RepairDescription& network) {
  return Stage("at_half", kInputChannels, network.half, 1, {1});
}
std::vector<SlopedLayer> BackHalf(const RepairDescription& network) {
  return Stage("back_half", network.coarse.quarter_lift + network.half, network.half, 1, {1});
}

// Every tensor that the network has.
Shapes ExpectedShapes(const RepairDescription& network) {
  Shapes shapes;
  ExpectStage(AtHalf(network), &shapes);
  ExpectCoarseMaps(network.coarse, &shapes);
  ExpectStage(BackHalf(network), &shapes);
  ExpectConvolution(kHead, {kPixels, network.half, 3, 3}, &shapes);
  return shapes;
}

}  // namespace

std::string RepairDescription::Summary() const {
  return fmt::format(
      "network that finds damage, of {}, {} and {} channels at a half, a quarter and an eighth of "
      "the size, {} parameters",
      half, coarse.quarter, coarse.eighth, parameters);
}

bool LooksLikeRepairNetwork(const Checkpoint& checkpoint) { return HasCoarseMaps(checkpoint, ""); }

Result<RepairDescription> DescribeRepairNetwork(
    const std::shared_ptr<const Checkpoint>& checkpoint) {
  RepairDescription network;
  GPEN_ASSIGN_OR_RETURN(network.half, ChannelsOf(*checkpoint, "at_half.0.convolution.weight"));
  GPEN_ASSIGN_OR_RETURN(network.coarse, DescribeCoarseMaps(checkpoint, "", network.half));
  GPEN_ASSIGN_OR_RETURN(network.parameters, CheckTensors(*checkpoint, ExpectedShapes(network),
                                                         "a network that finds damage"));
  network.parameters -= std::ssize(network.coarse.dilations);  // No weights.
  return network;
}

Result<OnnxModel> BuildRepairGraph(const std::shared_ptr<const Checkpoint>& checkpoint,
                                   const RepairDescription& description) {
  OnnxModel model;
  model.inputs.push_back({"input", {1, kInputChannels, kPhotoGraphSide, kPhotoGraphSide}});
  model.outputs.push_back({"output", {1, kPixels, kPhotoGraphSide, kPhotoGraphSide}});
  GraphBuilder graph(model);
  WeightSource weights(checkpoint);
  const auto half = AddStage(AtHalf(description), "input", &weights, &graph);
  const auto lifted = AddCoarseMaps(description.coarse, half, &weights, &graph);
  const auto both = graph.Add("Concat", {lifted, half}, {{"axis", std::int64_t{1}}});
  const auto back = AddStage(BackHalf(description), both, &weights, &graph);
  graph.NameOutput(AddScopedConvolution(back, kHead, 1, 1, &weights, &graph), "output");
  GPEN_TRY(weights.status());
  return model;
}

}  // namespace gpen::converter
