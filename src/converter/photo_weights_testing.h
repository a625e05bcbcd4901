// Networks for photos with random weights, for tests.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "converter/photo_graph.h"
#include "converter/random_tensors_testing.h"

namespace gpen::converter {

/// Of `network`: shape, width and depth.
inline TestTensors RandomWeightsOf(const PhotoDescription& network) {
  const int width = network.width;
  RandomTensors random;
  for (int layer = 0; layer < network.depth; ++layer) {
    const int in = layer == 0 ? network.input_channels() : width;
    random.Add(fmt::format("trunk.{}.weight", layer), {width, in, 3, 3}, 0.3);
    random.Add(fmt::format("trunk.{}.bias", layer), {width}, 0.1);
    random.Add(fmt::format("slopes.{}", layer), {width}, 0.3);
  }
  const std::string head = fmt::format("heads.{}.", network.scale);
  random.Add(head + "weight", {network.output_channels(), width, 3, 3}, 0.05);
  random.Add(head + "bias", {network.output_channels()}, 0.02);
  return random.tensors;
}

/// Whose change to the photo is visible and not larger than it.
inline TestTensors RandomPhotoWeights(int scale, int unshuffle, int width, int depth) {
  PhotoDescription network;
  network.scale = scale;
  network.unshuffle = unshuffle;
  network.width = width;
  network.depth = depth;
  return RandomWeightsOf(network);
}

/// Adds stages of SlopedLayers, and coarser maps, with `width` channels at every size.
struct RandomUNet {
  int width;
  RandomTensors random = {};

  void Convolution(const std::string& name, int out, int in, int side) {
    random.Add(name + ".weight", {out, in, side, side}, 0.1);
    random.Add(name + ".bias", {out}, 0.1);
  }
  void Stage(const std::string& name, int in, int layers) {
    for (int layer = 0; layer < layers; ++layer) {
      const std::string prefix = fmt::format("{}.{}.", name, layer);
      Convolution(prefix + "convolution", width, layer == 0 ? in : width, 3);
      random.Add(prefix + "slope", {width}, 0.3);
    }
  }
  void Coarse(const std::string& prefix, const std::vector<int>& dilations) {
    Stage(prefix + "at_quarter", width, 3);
    Stage(prefix + "at_eighth", width, 1 + static_cast<int>(dilations.size()));
    Convolution(prefix + "lift_eighth", 4 * width, width, 1);
    Stage(prefix + "back_quarter", 2 * width, 2);
    Convolution(prefix + "lift_quarter", 4 * width, width, 1);
    random.tensors[prefix + "dilations"] = {{static_cast<std::int64_t>(dilations.size())},
                                            {dilations.begin(), dilations.end()}};
  }
};

/// RandomPhotoWeights with coarser maps.
inline TestTensors RandomCoarsePhotoWeights(int unshuffle, int width, int depth,
                                            const std::vector<int>& dilations) {
  RandomUNet maps = {width};
  maps.Coarse("coarse.", dilations);
  maps.random.tensors.merge(RandomPhotoWeights(1, unshuffle, width, depth));
  return maps.random.tensors;
}

inline TestTensors RandomRepairWeights(int width, const std::vector<int>& dilations) {
  RandomUNet maps = {width};
  maps.Stage("at_half", 12, 2);
  maps.Coarse("", dilations);
  maps.Stage("back_half", 2 * width, 2);
  maps.Convolution("repair", 4, width, 3);
  return maps.random.tensors;
}

}  // namespace gpen::converter
