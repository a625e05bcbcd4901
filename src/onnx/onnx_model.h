// OnnxModel: an ONNX graph in memory, with weights that are made only when they are written.
//
// Holds what our networks use of the ONNX format (IR version 8, default operator set 17): nodes
// with integer, float and text attributes, functions that say what a node of ours computes,
// initializers, and inputs and outputs of fixed shape. Values; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace gpen::onnx {

/// ONNX's own numbers for element types.
enum class DataType : std::int32_t {
  kFloat = 1,
  kUInt8 = 2,
  kInt8 = 3,
  kInt32 = 6,
  kInt64 = 7,
  kFloat16 = 10
};

std::size_t BytesPerValue(DataType type);

using Shape = std::vector<std::int64_t>;

/// Product of the dimensions.
std::int64_t ElementCount(const Shape& shape);

/// A constant. `read` gives its values, row-major and little-endian; it may be called repeatedly,
/// and reads a file or computes, so that a network's weights need not be in memory together.
struct Initializer {
  DataType type = DataType::kFloat;
  Shape shape;
  std::function<Result<std::vector<std::byte>>()> read;
};

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;

struct Node {
  std::string op;
  std::string name;
  std::vector<std::string> inputs;  ///< "" where an optional input is left out.
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes = {};
  std::string domain = {};  ///< Empty: one of ONNX's own operators.
};

/// What a node of `domain` and `name` computes, in ONNX's own operators.
struct Function {
  std::string domain;
  std::string name;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<Node> nodes;
};

/// A graph input or output; float32 with a batch of 1.
struct TensorDeclaration {
  std::string name;
  Shape shape;
};

struct OnnxModel {
  std::vector<Node> nodes;  ///< In an order in which they can run.
  std::vector<Function> functions;
  std::map<std::string, Initializer> initializers;
  std::vector<TensorDeclaration> inputs;
  std::vector<TensorDeclaration> outputs;
  std::map<std::string, std::string> metadata;
  std::int64_t opset = 17;
};

/// An initializer with these values.
Initializer FloatValues(Shape shape, std::vector<float> values);
Initializer IntegerValues(std::vector<std::int64_t> values);

/// The values of a float32 or float16 initializer. Errors: those of `read`; kInvalidArgument for
/// another type.
Result<std::vector<float>> ReadFloatValues(const Initializer& initializer);

/// The values of an int64 initializer. Errors: those of `read`; kInvalidArgument for another type.
Result<std::vector<std::int64_t>> ReadIntegerValues(const Initializer& initializer);

}  // namespace gpen::onnx
