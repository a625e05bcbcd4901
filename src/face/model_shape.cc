#include "face/model_shape.h"

#include <fmt/format.h>

namespace gpen::face {
namespace {

std::string Text(const nn::MapShape& shape) {
  return fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels);
}

std::string Text(const std::vector<nn::MapShape>& shapes) {
  std::string text;
  for (const auto& shape : shapes) text += (text.empty() ? "" : ", ") + Text(shape);
  return text;
}

}  // namespace

Result<void> CheckShapes(const nn::ConvolutionNetwork& network, std::string_view purpose,
                         const nn::MapShape& input, const std::vector<nn::MapShape>& outputs) {
  nn::MapShape found_input = input;
  found_input.channels = network.input_channels();
  const auto found_outputs = network.OutputShapes(input.height, input.width);
  if (found_input == input && found_outputs == outputs) return {};
  return Error(
      ErrorCode::kModelInvalid,
      fmt::format("{} ({}): expected maps {} -> {}, found {} -> {}", purpose, network.name(),
                  Text(input), Text(outputs), Text(found_input), Text(found_outputs)));
}

}  // namespace gpen::face
