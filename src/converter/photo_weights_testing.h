// Networks for photos with random weights, for tests.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "converter/checkpoint_testing.h"
#include "converter/photo_graph.h"

namespace gpen::converter {

/// Of `network`: shape, width and depth.
inline TestTensors RandomWeightsOf(const PhotoDescription& network) {
  const int width = network.width;
  std::uint32_t seed = 7;
  TestTensors tensors;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, double size) {
    TestTensor tensor = {std::move(shape), {}};
    tensor.values.resize(static_cast<std::size_t>(ElementCount(tensor.shape)));
    for (float& value : tensor.values) {
      seed = seed * 1664525 + 1013904223;
      value = static_cast<float>(size * (static_cast<double>(seed >> 8) / (1 << 23) - 1));
    }
    tensors[name] = std::move(tensor);
  };
  for (int layer = 0; layer < network.depth; ++layer) {
    const int in = layer == 0 ? network.input_channels() : width;
    add(fmt::format("trunk.{}.weight", layer), {width, in, 3, 3}, 0.3);
    add(fmt::format("trunk.{}.bias", layer), {width}, 0.1);
    add(fmt::format("slopes.{}", layer), {width}, 0.3);
  }
  const std::string head = network.repairs ? "repair." : fmt::format("heads.{}.", network.scale);
  add(head + "weight", {network.output_channels(), width, 3, 3}, 0.05);
  add(head + "bias", {network.output_channels()}, 0.02);
  if (network.repairs) {
    tensors["dilations"] = {{network.depth}, {network.dilations.begin(), network.dilations.end()}};
  }
  return tensors;
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
