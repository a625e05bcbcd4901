#include "converter/coarse_maps.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

#include "converter/expected_tensors.h"
#include "converter/sloped_layers.h"

namespace gpen::converter {
namespace {

constexpr int kMostDilation = 16;
constexpr const char* kDilations = "dilations";
constexpr const char* kLiftQuarter = "lift_quarter";
constexpr const char* kLiftEighth = "lift_eighth";

std::vector<SlopedLayer> AtQuarter(const CoarseMaps& maps) {
  return Stage(maps.prefix + "at_quarter", maps.half, maps.quarter, 2, {1, 1});
}
std::vector<SlopedLayer> AtEighth(const CoarseMaps& maps) {
  return Stage(maps.prefix + "at_eighth", maps.quarter, maps.eighth, 2, maps.dilations);
}
std::vector<SlopedLayer> BackQuarter(const CoarseMaps& maps) {
  return Stage(maps.prefix + "back_quarter", maps.eighth_lift + maps.quarter, maps.quarter, 1, {1});
}

Result<std::vector<int>> ReadDilations(const std::shared_ptr<const Checkpoint>& checkpoint,
                                       const std::string& name) {
  WeightSource weights(checkpoint);
  const auto values = weights.Read(name);
  GPEN_TRY(weights.status());
  std::vector<int> dilations;
  for (const float value : values) {
    const bool in_range = value >= 1 && value <= kMostDilation;  // Not if it is no number.
    const int dilation = in_range ? static_cast<int>(value) : 0;
    if (!in_range || static_cast<float>(dilation) != value) {
      return Error(ErrorCode::kModelInvalid,
                   fmt::format("{}: {}: expected dilations from 1 to {}, found {}",
                               checkpoint->file_name(), name, kMostDilation, value));
    }
    dilations.push_back(dilation);
  }
  return dilations;
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

// `map` at twice its size.
std::string Lift(const std::string& name, const std::string& map, WeightSource* weights,
                 GraphBuilder* graph) {
  graph->SetScope(name);
  const Shape shape = weights->ShapeOf(name + ".weight");
  const auto constant = [&](const std::string& part, const Shape& of) {
    return graph->Weight(part,
                         FloatValues(of, ByPixel(weights->Read(name + "." + part), shape[0])));
  };
  const auto made =
      graph->Add("Conv", {map, constant("weight", shape), constant("bias", {shape[0]})});
  return graph->Add("DepthToSpace", {made}, {{"blocksize", std::int64_t{2}}});
}

}  // namespace

bool HasCoarseMaps(const Checkpoint& checkpoint, const std::string& prefix) {
  return checkpoint.tensors().contains(prefix + kLiftEighth + ".weight") &&
         checkpoint.tensors().contains(prefix + kDilations);
}

Result<CoarseMaps> DescribeCoarseMaps(const std::shared_ptr<const Checkpoint>& checkpoint,
                                      const std::string& prefix, int half) {
  CoarseMaps maps;
  maps.prefix = prefix;
  maps.half = half;
  const auto channels_of = [&](const std::string& layer) {
    return ChannelsOf(*checkpoint, prefix + layer + ".weight");
  };
  GPEN_ASSIGN_OR_RETURN(maps.quarter, channels_of("at_quarter.0.convolution"));
  GPEN_ASSIGN_OR_RETURN(maps.eighth, channels_of("at_eighth.0.convolution"));
  GPEN_ASSIGN_OR_RETURN(const int quarter_pixels, channels_of(kLiftQuarter));
  GPEN_ASSIGN_OR_RETURN(const int eighth_pixels, channels_of(kLiftEighth));
  maps.quarter_lift = quarter_pixels / 4;  // CheckTensors finds what is no multiple.
  maps.eighth_lift = eighth_pixels / 4;
  GPEN_ASSIGN_OR_RETURN(maps.dilations, ReadDilations(checkpoint, prefix + kDilations));
  return maps;
}

void ExpectCoarseMaps(const CoarseMaps& maps, Shapes* shapes) {
  ExpectStage(AtQuarter(maps), shapes);
  ExpectStage(AtEighth(maps), shapes);
  ExpectConvolution(maps.prefix + kLiftEighth,
                    {std::int64_t{4} * maps.eighth_lift, maps.eighth, 1, 1}, shapes);
  ExpectStage(BackQuarter(maps), shapes);
  ExpectConvolution(maps.prefix + kLiftQuarter,
                    {std::int64_t{4} * maps.quarter_lift, maps.quarter, 1, 1}, shapes);
  (*shapes)[maps.prefix + kDilations] = {static_cast<std::int64_t>(maps.dilations.size())};
}

std::string AddCoarseMaps(const CoarseMaps& maps, const std::string& half, WeightSource* weights,
                          GraphBuilder* graph) {
  const auto quarter = AddStage(AtQuarter(maps), half, weights, graph);
  const auto eighth = AddStage(AtEighth(maps), quarter, weights, graph);
  const auto lifted = Lift(maps.prefix + kLiftEighth, eighth, weights, graph);
  const auto both = graph->Add("Concat", {lifted, quarter}, {{"axis", std::int64_t{1}}});
  const auto back = AddStage(BackQuarter(maps), both, weights, graph);
  return Lift(maps.prefix + kLiftQuarter, back, weights, graph);
}

}  // namespace gpen::converter
