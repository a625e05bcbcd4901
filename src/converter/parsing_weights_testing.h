// Face parsing networks with random weights, for tests.
#pragma once

#include <fmt/format.h>

#include "converter/parsing_graph.h"
#include "converter/random_tensors_testing.h"

namespace gpen::converter {

inline TestTensors RandomParsingWeights(int entrance, int width) {
  RandomTensors random;
  random.Add("entrance.0.weight", {entrance, kParsingChannels, 3, 3}, 0.3);
  random.Add("entrance.0.bias", {entrance}, 0.1);
  random.Add("entrance.1.weight", {width, entrance, 3, 3}, 0.1);
  random.Add("entrance.1.bias", {width}, 0.1);
  for (int layer = 0; layer < 6; ++layer) {
    random.Add(fmt::format("dilated.{}.weight", layer), {width, width, 3, 3}, 0.05);
    random.Add(fmt::format("dilated.{}.bias", layer), {width}, 0.1);
  }
  random.Add("slopes.0", {entrance}, 0.3);
  for (int layer = 1; layer < 8; ++layer) random.Add(fmt::format("slopes.{}", layer), {width}, 0.3);
  const int outputs = kParsingClasses * kParsingShrink * kParsingShrink;
  random.Add("head.weight", {outputs, width, 1, 1}, 0.1);
  random.Add("head.bias", {outputs}, 0.1);
  return random.tensors;
}

}  // namespace gpen::converter
