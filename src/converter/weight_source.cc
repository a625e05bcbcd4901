#include "converter/weight_source.h"

#include <span>
#include <utility>

namespace gpen::converter {
namespace {

std::vector<std::byte> ToBytes(const std::vector<float>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

void Multiply(std::vector<float>& values, double factor) {
  if (factor == 1.0) return;
  for (float& value : values) value = static_cast<float>(value * factor);
}

}  // namespace

std::vector<float> WeightSource::Read(const std::string& name, double factor) {
  auto values = checkpoint_->ReadFloats(name);
  if (values) {
    Multiply(*values, factor);
    return *std::move(values);
  }
  if (!failure_) failure_ = std::make_shared<Error>(values.error());
  const auto found = checkpoint_->tensors().find(name);
  const auto count = found == checkpoint_->tensors().end() ? 0 : found->second.element_count;
  return std::vector<float>(static_cast<std::size_t>(count));
}

Initializer WeightSource::Scaled(const std::string& name, Shape shape, double factor) const {
  return Transformed(name, std::move(shape), [factor](std::vector<float> values) {
    Multiply(values, factor);
    return values;
  });
}

Initializer WeightSource::Transformed(const std::string& name, Shape shape,
                                      Transform transform) const {
  return {DataType::kFloat, std::move(shape),
          [checkpoint = checkpoint_, name,
           transform = std::move(transform)]() -> Result<std::vector<std::byte>> {
            GPEN_ASSIGN_OR_RETURN(auto values, checkpoint->ReadFloats(name));
            return ToBytes(transform(std::move(values)));
          }};
}

Initializer WeightSource::Joined(std::vector<std::string> names, Shape shape,
                                 std::vector<double> factors) const {
  return {DataType::kFloat, std::move(shape),
          [checkpoint = checkpoint_, names = std::move(names),
           factors = std::move(factors)]() -> Result<std::vector<std::byte>> {
            std::vector<std::byte> bytes;
            for (std::size_t i = 0; i < names.size(); ++i) {
              GPEN_ASSIGN_OR_RETURN(auto values, checkpoint->ReadFloats(names[i]));
              Multiply(values, factors[i]);
              const auto part = ToBytes(values);
              bytes.insert(bytes.end(), part.begin(), part.end());
            }
            return bytes;
          }};
}

const Shape& WeightSource::ShapeOf(const std::string& name) const {
  return checkpoint_->tensors().at(name).shape;
}

Result<void> WeightSource::status() const {
  if (failure_) return *failure_;
  return {};
}

}  // namespace gpen::converter
