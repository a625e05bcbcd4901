#include "face/model_shape.h"

#include <fmt/format.h>

namespace gpen::face {
namespace {

Shapes ShapesOf(const std::vector<nn::TensorInfo>& infos) {
  Shapes shapes;
  for (const auto& info : infos) shapes.push_back(info.shape);
  return shapes;
}

std::string Text(const Shapes& shapes) {
  std::string text;
  for (const auto& shape : shapes) text += (text.empty() ? "" : ", ") + nn::ShapeText(shape);
  return text;
}

}  // namespace

Result<void> CheckShapes(const nn::Session& session, std::string_view network, const Shapes& inputs,
                         const Shapes& outputs) {
  const Shapes found_inputs = ShapesOf(session.inputs());
  const Shapes found_outputs = ShapesOf(session.outputs());
  if (found_inputs == inputs && found_outputs == outputs) return {};
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: expected tensors {} -> {}, found {} -> {}", network, Text(inputs),
                           Text(outputs), Text(found_inputs), Text(found_outputs)));
}

}  // namespace gpen::face
