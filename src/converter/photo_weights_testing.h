// Networks for photos with random weights, for tests.
#pragma once

#include <fmt/format.h>

#include <string>

#include "converter/photo_graph.h"
#include "converter/random_tensors_testing.h"

namespace gpen::converter {

/// Whose change to the photo is visible and not larger than it.
inline TestTensors RandomPhotoWeights(int scale, int unshuffle, int width, int depth) {
  PhotoDescription network;
  network.scale = scale;
  network.unshuffle = unshuffle;
  RandomTensors random;
  for (int layer = 0; layer < depth; ++layer) {
    const int in = layer == 0 ? network.input_channels() : width;
    random.Add(fmt::format("trunk.{}.weight", layer), {width, in, 3, 3}, 0.3);
    random.Add(fmt::format("trunk.{}.bias", layer), {width}, 0.1);
    random.Add(fmt::format("slopes.{}", layer), {width}, 0.3);
  }
  const std::string head = fmt::format("heads.{}.", scale);
  random.Add(head + "weight", {network.output_channels(), width, 3, 3}, 0.05);
  random.Add(head + "bias", {network.output_channels()}, 0.02);
  return random.tensors;
}

}  // namespace gpen::converter
