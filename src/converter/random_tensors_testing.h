// Tensors with random values, the same in every run, for tests of networks.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "converter/checkpoint_testing.h"

namespace gpen::converter {

struct RandomTensors {
  TestTensors tensors;
  std::uint32_t seed = 7;

  /// Values from -`size` to `size`.
  void Add(const std::string& name, std::vector<std::int64_t> shape, double size) {
    TestTensor tensor = {std::move(shape), {}};
    tensor.values.resize(static_cast<std::size_t>(ElementCount(tensor.shape)));
    for (float& value : tensor.values) {
      seed = seed * 1664525 + 1013904223;
      value = static_cast<float>(size * (static_cast<double>(seed >> 8) / (1 << 23) - 1));
    }
    tensors[name] = std::move(tensor);
  }
};

}  // namespace gpen::converter
