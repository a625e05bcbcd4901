#include "onnx/onnx_model.h"

#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "base/half.h"

namespace gpen::onnx {
namespace {

template <typename T>
Initializer Constant(DataType type, Shape shape, std::vector<T> values) {
  const auto shared = std::make_shared<const std::vector<T>>(std::move(values));
  return {type, std::move(shape), [shared]() -> Result<std::vector<std::byte>> {
            const auto bytes = std::as_bytes(std::span(*shared));
            return std::vector<std::byte>(bytes.begin(), bytes.end());
          }};
}

}  // namespace

std::size_t BytesPerValue(DataType type) {
  switch (type) {
    case DataType::kInt64:
      return 8;
    case DataType::kFloat:
    case DataType::kInt32:
      return 4;
    case DataType::kFloat16:
      return 2;
    case DataType::kUInt8:
    case DataType::kInt8:
      return 1;
  }
  return 1;
}

std::int64_t ElementCount(const Shape& shape) {
  std::int64_t count = 1;
  for (const auto dimension : shape) count *= dimension;
  return count;
}

Initializer FloatValues(Shape shape, std::vector<float> values) {
  return Constant(DataType::kFloat, std::move(shape), std::move(values));
}

Initializer IntegerValues(std::vector<std::int64_t> values) {
  Shape shape = {static_cast<std::int64_t>(values.size())};
  return Constant(DataType::kInt64, std::move(shape), std::move(values));
}

Result<std::vector<float>> ReadFloatValues(const Initializer& initializer) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, initializer.read());
  std::vector<float> values(bytes.size() / BytesPerValue(initializer.type));
  if (initializer.type == DataType::kFloat) {
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  } else if (initializer.type == DataType::kFloat16) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::uint16_t half;
      std::memcpy(&half, bytes.data() + 2 * i, sizeof half);
      values[i] = HalfToFloat(half);
    }
  } else {
    return Error(ErrorCode::kInvalidArgument, "expected floating-point weights, found integers");
  }
  return values;
}

Result<std::vector<std::int64_t>> ReadIntegerValues(const Initializer& initializer) {
  if (initializer.type != DataType::kInt64) {
    return Error(ErrorCode::kInvalidArgument, "expected 64-bit integers, found another type");
  }
  GPEN_ASSIGN_OR_RETURN(const auto bytes, initializer.read());
  std::vector<std::int64_t> values(bytes.size() / sizeof(std::int64_t));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace gpen::onnx
