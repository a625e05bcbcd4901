#include "converter/expected_tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace gpen::converter {

void ExpectConvolution(const std::string& name, Shape weights, Shapes* shapes) {
  (*shapes)[name + ".bias"] = {weights[0]};
  (*shapes)[name + ".weight"] = std::move(weights);
}

Result<std::int64_t> CheckTensors(const Checkpoint& checkpoint, const Shapes& expected,
                                  std::string_view network) {
  const auto invalid = [&](const std::string& what) {
    return Error(ErrorCode::kModelInvalid, fmt::format("{}: {}", checkpoint.file_name(), what));
  };
  const auto& tensors = checkpoint.tensors();
  std::int64_t values = 0;
  for (const auto& [name, shape] : expected) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) return invalid(fmt::format("{} is missing", name));
    if (found->second.shape != shape) {
      return invalid(fmt::format("expected {} to be {}, found {}", name, fmt::join(shape, "x"),
                                 fmt::join(found->second.shape, "x")));
    }
    values += found->second.element_count;
  }
  for (const auto& [name, tensor] : tensors) {
    if (!expected.contains(name)) {
      return invalid(fmt::format("'{}' is no part of {}", name, network));
    }
  }
  return values;
}

Result<int> ChannelsOf(const Checkpoint& checkpoint, const std::string& name) {
  constexpr int kMostChannels = 512;
  const auto found = checkpoint.tensors().find(name);
  const Shape shape = found == checkpoint.tensors().end() ? Shape{} : found->second.shape;
  if (shape.size() == 4 && shape[0] >= 1 && shape[0] <= kMostChannels) {
    return static_cast<int>(shape[0]);
  }
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: expected {} of up to {} channels in four dimensions, found {}",
                           checkpoint.file_name(), name, kMostChannels,
                           shape.empty() ? "none" : fmt::format("{}", fmt::join(shape, "x"))));
}

}  // namespace gpen::converter
