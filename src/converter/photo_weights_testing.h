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
  const std::string head = network.repairs ? "repair." : fmt::format("heads.{}.", network.scale);
  random.Add(head + "weight", {network.output_channels(), width, 3, 3}, 0.05);
  random.Add(head + "bias", {network.output_channels()}, 0.02);
  if (network.repairs) {
    random.tensors["dilations"] = {{network.depth},
                                   {network.dilations.begin(), network.dilations.end()}};
  }
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

inline TestTensors RandomRepairWeights(int unshuffle, int width, std::vector<int> dilations) {
  PhotoDescription network;
  network.repairs = true;
  network.unshuffle = unshuffle;
  network.width = width;
  network.depth = static_cast<int>(dilations.size());
  network.dilations = std::move(dilations);
  return RandomWeightsOf(network);
}

}  // namespace gpen::converter
