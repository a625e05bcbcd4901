#include "converter/half_weights.h"

#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "base/half.h"

namespace gpen::converter {
namespace {

constexpr std::int64_t kSmallestTensor = 256;
constexpr float kLargestHalf = 65504.0F;
constexpr double kSmallestRootMeanSquare =
    1e-3;  // Values 16 times smaller are still normal halves.

bool FitsHalf(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) {
    if (!(std::abs(value) <= kLargestHalf)) return false;
    sum += double{value} * value;
  }
  return std::sqrt(sum / static_cast<double>(values.size())) >= kSmallestRootMeanSquare;
}

Initializer AsHalf(Initializer original) {
  Initializer half = {DataType::kFloat16, original.shape, nullptr};
  half.read = [original = std::move(original)]() -> Result<std::vector<std::byte>> {
    GPEN_ASSIGN_OR_RETURN(const auto values, ReadFloatValues(original));
    std::vector<std::byte> bytes(2 * values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint16_t bits = FloatToHalf(values[i]);
      std::memcpy(bytes.data() + 2 * i, &bits, sizeof bits);
    }
    return bytes;
  };
  return half;
}

}  // namespace

void StoreWeightsAsHalf(OnnxModel& model) {
  std::vector<Node> casts;
  std::map<std::string, Initializer> halves;
  for (auto it = model.initializers.begin(); it != model.initializers.end();) {
    const auto& [name, initializer] = *it;
    const bool candidate =
        initializer.type == DataType::kFloat && ElementCount(initializer.shape) >= kSmallestTensor;
    const auto values = candidate ? ReadFloatValues(initializer) : Result<std::vector<float>>();
    // A tensor that cannot be read reports it when it is written.
    if (!candidate || !values || !FitsHalf(*values)) {
      ++it;
      continue;
    }
    const std::string half_name = name + ".half";
    casts.push_back({"Cast", name + ".cast", {half_name}, {name}, {{"to", std::int64_t{1}}}});
    halves.emplace(half_name, AsHalf(std::move(it->second)));
    it = model.initializers.erase(it);
  }
  model.initializers.merge(halves);
  model.nodes.insert(model.nodes.begin(), casts.begin(), casts.end());
}

}  // namespace gpen::converter
