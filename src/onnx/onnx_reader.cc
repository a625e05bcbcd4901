#include "onnx/onnx_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "onnx/message_fields.h"

namespace gpen::onnx {
namespace {

constexpr std::uint64_t kMaxMessageBytes = 1 << 20;  // Of a node or a declaration.
constexpr std::int64_t kMaxElements = std::int64_t{1} << 31;

Result<std::string> Text(const ByteSource& source, const Field& field) {
  if (field.size > kMaxMessageBytes) return Invalid(source, "a name of more than a megabyte");
  GPEN_ASSIGN_OR_RETURN(const auto bytes, source.ReadBytes(field.offset, field.size));
  return std::string(AsText(bytes));
}

// Integers come one by one or packed into one field.
Result<void> AppendIntegers(const ByteSource& source, const Field& field,
                            std::vector<std::int64_t>& values) {
  if (field.wire_type == 0) {
    values.push_back(static_cast<std::int64_t>(field.integer));
    return {};
  }
  if (field.size > kMaxMessageBytes) return Invalid(source, "a list of more than a megabyte");
  GPEN_ASSIGN_OR_RETURN(const auto bytes, source.ReadBytes(field.offset, field.size));
  std::uint64_t value = 0;
  int shift = 0;
  for (const std::byte byte : bytes) {
    value |= (static_cast<std::uint64_t>(byte) & 0x7FU) << std::min(shift, 63);
    shift += 7;
    if ((byte & std::byte{0x80}) != std::byte{0}) continue;
    values.push_back(static_cast<std::int64_t>(value));
    value = 0;
    shift = 0;
  }
  return {};
}

// A node, and the tensor that it holds, if any.
struct NodeMessage {
  Node node;
  std::optional<Field> tensor;
};

Result<void> ReadAttribute(const ByteSource& source, const Field& message, NodeMessage& read) {
  std::string name;
  Attribute value = std::vector<std::int64_t>();
  GPEN_TRY(
      ForEachField(source, message.offset, message.size, [&](const Field& field) -> Result<void> {
        switch (field.number) {
          case 1: {
            GPEN_ASSIGN_OR_RETURN(name, Text(source, field));
            return {};
          }
          case 2:
            value = std::bit_cast<float>(static_cast<std::uint32_t>(field.integer));
            return {};
          case 3:
            value = static_cast<std::int64_t>(field.integer);
            return {};
          case 4: {
            GPEN_ASSIGN_OR_RETURN(value, Text(source, field));
            return {};
          }
          case 8: {
            if (!std::holds_alternative<std::vector<std::int64_t>>(value)) {
              return Invalid(source, "an attribute of two kinds");
            }
            return AppendIntegers(source, field, std::get<std::vector<std::int64_t>>(value));
          }
          case 5:
            read.tensor = field;
            return {};
          case 6:
          case 7:
            return Invalid(source, "nodes with float list or graph attributes are not supported");
          default:
            return {};
        }
      }));
  if (!read.tensor) read.node.attributes[name] = std::move(value);
  return {};
}

// Where the text of this field of a node belongs; null where it is none that is kept.
std::string* TextOf(int field, Node* node) {
  switch (field) {
    case 1:
      return &node->inputs.emplace_back();
    case 2:
      return &node->outputs.emplace_back();
    case 3:
      return &node->name;
    case 4:
      return &node->op;
    case 7:
      return &node->domain;
    default:
      return nullptr;
  }
}

Result<NodeMessage> ReadNode(const ByteSource& source, const Field& message) {
  NodeMessage read;
  Node& node = read.node;
  GPEN_TRY(
      ForEachField(source, message.offset, message.size, [&](const Field& field) -> Result<void> {
        if (field.number == 5) return ReadAttribute(source, field, read);
        if (std::string* text = TextOf(field.number, &node)) {
          GPEN_ASSIGN_OR_RETURN(*text, Text(source, field));
        }
        return {};
      }));
  return read;
}

Error HoldsTensor(const ByteSource& source) {
  return Invalid(source, "nodes with tensor attributes, other than constants, are not supported");
}

// Where the text of this field of a function belongs; null where it is none that is kept.
std::string* TextOf(int field, Function* function) {
  switch (field) {
    case 1:
      return &function->name;
    case 4:
      return &function->inputs.emplace_back();
    case 5:
      return &function->outputs.emplace_back();
    case 10:
      return &function->domain;
    default:
      return nullptr;
  }
}

// Its operator sets are the model's.
Result<Function> ReadFunction(const ByteSource& source, const Field& message) {
  Function function;
  GPEN_TRY(
      ForEachField(source, message.offset, message.size, [&](const Field& field) -> Result<void> {
        if (field.number == 7) {
          GPEN_ASSIGN_OR_RETURN(auto read, ReadNode(source, field));
          if (read.tensor) return HoldsTensor(source);
          function.nodes.push_back(std::move(read.node));
          return {};
        }
        if (field.number == 6 || field.number == 11) {
          return Invalid(source, "functions with attributes are not supported");
        }
        if (field.wire_type != 2 || field.number == 9) return {};
        if (std::string* text = TextOf(field.number, &function)) {
          GPEN_ASSIGN_OR_RETURN(*text, Text(source, field));
        }
        return {};
      }));
  return function;
}

bool IsKnown(std::int64_t type) {
  for (const auto known : {DataType::kFloat, DataType::kUInt8, DataType::kInt8, DataType::kInt32,
                           DataType::kInt64, DataType::kFloat16}) {
    if (type == static_cast<std::int64_t>(known)) return true;
  }
  return false;
}

// `name`: what the tensor is called; its own name where this is empty.
Result<void> ReadInitializer(const std::shared_ptr<const ByteSource>& shared, const Field& message,
                             OnnxModel& model, std::string name = {}) {
  const ByteSource& source = *shared;
  const bool is_named = !name.empty();
  Initializer initializer;
  std::int64_t type = 0;
  Field raw;
  std::vector<std::int64_t> integers;  // Of a list that is written as such.
  GPEN_TRY(
      ForEachField(source, message.offset, message.size, [&](const Field& field) -> Result<void> {
        if (field.number == 1) return AppendIntegers(source, field, initializer.shape);
        if (field.number == 7) return AppendIntegers(source, field, integers);
        if (field.number == 2) type = static_cast<std::int64_t>(field.integer);
        if (field.number == 9) raw = field;
        if (field.number == 8 && !is_named) {
          GPEN_ASSIGN_OR_RETURN(name, Text(source, field));
        }
        return {};
      }));
  if (!IsKnown(type))
    return Invalid(source, fmt::format("weights of type {} are not supported", type));
  initializer.type = static_cast<DataType>(type);
  std::int64_t count = 1;
  for (const auto dimension : initializer.shape) {
    if (dimension < 0 || __builtin_mul_overflow(count, dimension, &count) || count > kMaxElements) {
      return Invalid(source, "weights of an impossible shape");
    }
  }
  if (raw.size == 0 && initializer.type == DataType::kInt64 &&
      static_cast<std::int64_t>(integers.size()) == count) {
    const Shape shape = initializer.shape;
    initializer = IntegerValues(std::move(integers));
    initializer.shape = shape;
    model.initializers[name] = std::move(initializer);
    return {};
  }
  if (static_cast<std::uint64_t>(count) * BytesPerValue(initializer.type) != raw.size) {
    return Invalid(
        source,
        fmt::format("the weights '{}' have {} bytes, and their shape needs {}", name.substr(0, 80),
                    raw.size, static_cast<std::uint64_t>(count) * BytesPerValue(initializer.type)));
  }
  initializer.read = [shared, raw] { return shared->ReadBytes(raw.offset, raw.size); };
  model.initializers[name] = std::move(initializer);
  return {};
}

// A constant is an initializer, whichever way the file says it.
Result<void> AppendNode(const std::shared_ptr<const ByteSource>& source, NodeMessage read,
                        OnnxModel& model) {
  Node& node = read.node;
  if (!read.tensor) {
    model.nodes.push_back(std::move(node));
    return {};
  }
  if (node.op != "Constant" || !node.domain.empty() || node.outputs.size() != 1) {
    return HoldsTensor(*source);
  }
  return ReadInitializer(source, *read.tensor, model, node.outputs[0]);
}

// Only name and dimensions: our tensors are all float32, which the runtime checks anyway.
Result<TensorDeclaration> ReadDeclaration(const ByteSource& source, const Field& message) {
  TensorDeclaration declaration;
  const auto into = [&source](const Field& field, int number, const auto& visit) {
    return ForEachField(source, field.offset, field.size,
                        [&, number](const Field& inner) -> Result<void> {
                          return inner.number == number ? visit(inner) : Result<void>();
                        });
  };
  GPEN_TRY(
      ForEachField(source, message.offset, message.size, [&](const Field& field) -> Result<void> {
        if (field.number == 1) {
          GPEN_ASSIGN_OR_RETURN(declaration.name, Text(source, field));
        }
        if (field.number != 2) return {};
        return into(field, 1, [&](const Field& tensor) {
          return into(tensor, 2, [&](const Field& shape) {
            return into(shape, 1, [&](const Field& dimension) {
              declaration.shape.push_back(-1);
              return into(dimension, 1, [&](const Field& value) -> Result<void> {
                declaration.shape.back() = static_cast<std::int64_t>(value.integer);
                return {};
              });
            });
          });
        });
      }));
  return declaration;
}

Result<void> ReadGraph(const std::shared_ptr<const ByteSource>& source, const Field& message,
                       OnnxModel& model) {
  return ForEachField(*source, message.offset, message.size,
                      [&](const Field& field) -> Result<void> {
                        switch (field.number) {
                          case 1: {
                            GPEN_ASSIGN_OR_RETURN(auto read, ReadNode(*source, field));
                            return AppendNode(source, std::move(read), model);
                          }
                          case 5:
                            return ReadInitializer(source, field, model);
                          case 11: {
                            GPEN_ASSIGN_OR_RETURN(auto input, ReadDeclaration(*source, field));
                            model.inputs.push_back(std::move(input));
                            return {};
                          }
                          case 12: {
                            GPEN_ASSIGN_OR_RETURN(auto output, ReadDeclaration(*source, field));
                            model.outputs.push_back(std::move(output));
                            return {};
                          }
                          default:
                            return {};
                        }
                      });
}

Result<void> ReadPair(const ByteSource& source, const Field& message, OnnxModel& model) {
  std::string key;
  std::string value;
  GPEN_TRY(
      ForEachField(source, message.offset, message.size, [&](const Field& field) -> Result<void> {
        GPEN_ASSIGN_OR_RETURN((field.number == 1 ? key : value), Text(source, field));
        return {};
      }));
  model.metadata[key] = value;
  return {};
}

// The default operator set has no domain, or an empty one.
Result<void> ReadOpset(const ByteSource& source, const Field& message, OnnxModel& model) {
  std::string domain;
  std::int64_t version = 0;
  GPEN_TRY(
      ForEachField(source, message.offset, message.size, [&](const Field& field) -> Result<void> {
        if (field.number == 2) version = static_cast<std::int64_t>(field.integer);
        if (field.number == 1) {
          GPEN_ASSIGN_OR_RETURN(domain, Text(source, field));
        }
        return {};
      }));
  if (domain.empty()) model.opset = version;
  return {};
}

}  // namespace

Result<OnnxModel> ReadModel(std::shared_ptr<const ByteSource> source) {
  OnnxModel model;
  model.opset = 0;
  bool has_graph = false;
  GPEN_TRY(ForEachField(*source, 0, source->size(), [&](const Field& field) -> Result<void> {
    if (field.number == 7 && field.wire_type == 2) {
      has_graph = true;
      return ReadGraph(source, field, model);
    }
    if (field.number == 14 && field.wire_type == 2) return ReadPair(*source, field, model);
    if (field.number == 8 && field.wire_type == 2) return ReadOpset(*source, field, model);
    if (field.number == 25 && field.wire_type == 2) {
      GPEN_ASSIGN_OR_RETURN(auto function, ReadFunction(*source, field));
      model.functions.push_back(std::move(function));
    }
    return {};
  }));
  if (!has_graph || model.opset == 0) return Invalid(*source, "it has no graph or no operator set");
  return model;
}

}  // namespace gpen::onnx
