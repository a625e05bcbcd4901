#include "nn/model_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/cpu.h"

namespace gpen::nn {

std::int64_t EstimateMemory(std::int64_t weight_bytes, int image_size, int widest_channels) {
  const auto side = static_cast<std::int64_t>(image_size);
  constexpr std::int64_t kRuntimeBytes = 60 << 20;
  // What the decoder and the features that wait for it take, in maps of the widest level: measured
  // are 5.5 to 6.5.
  constexpr std::int64_t kMaps = 7;
  // Loading: the weights twice. Running: once, and those of the large levels in Winograd's form.
  const std::int64_t loading = 2 * weight_bytes;
  const std::int64_t running = weight_bytes * 5 / 3 + kMaps * side * side * widest_channels * 4;
  return kRuntimeBytes + std::max(loading, running);
}

std::int64_t EstimateMemory(const Manifest& manifest, std::int64_t file_bytes) {
  // The runtime computes in float32, however the weights are stored.
  const std::int64_t weight_bytes = manifest.parameters > 0 ? 4 * manifest.parameters : file_bytes;
  // A full GPEN has 64 channels at its full resolution up to 512 and half as many for each doubling
  // beyond; a narrower one is told by its weights, which go with the square of the width.
  constexpr double kFullWeightBytes = 284e6;
  const double width =
      std::min(1.0, std::sqrt(static_cast<double>(weight_bytes) / kFullWeightBytes));
  const int full_channels = std::min(64, 32768 / std::max(1, manifest.input_size));
  const int channels = std::max(3, static_cast<int>(full_channels * width));
  return EstimateMemory(weight_bytes, manifest.input_size, channels);
}

Result<void> CheckMemory(const Manifest& manifest, std::int64_t file_bytes) {
  const std::int64_t needed = EstimateMemory(manifest, file_bytes);
  const std::int64_t available = AvailableMemoryBytes();
  if (available > 0 && needed > available) {
    constexpr std::int64_t kMegabyte = 1 << 20;
    return Error(
        ErrorCode::kOutOfMemory,
        fmt::format("model {} of size {} needs about {} MB of memory, and {} MB are available: "
                    "stop other programs, or use a smaller model",
                    manifest.name, manifest.input_size, needed / kMegabyte, available / kMegabyte));
  }
  return {};
}

}  // namespace gpen::nn
