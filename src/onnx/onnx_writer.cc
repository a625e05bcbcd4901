#include "onnx/onnx_writer.h"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace gpen::onnx {
namespace {

constexpr std::int64_t kIrVersion = 8;
constexpr std::uint64_t kMaxModelBytes = std::numeric_limits<std::int32_t>::max();

// Field numbers of onnx.proto. Attribute types are ONNX's: FLOAT 1, INT 2, STRING 3, INTS 7.
namespace field {
constexpr int kModelIrVersion = 1, kModelProducer = 2, kModelGraph = 7, kModelOpset = 8,
              kModelMetadata = 14, kModelFunction = 25;
constexpr int kOpsetDomain = 1, kOpsetVersion = 2;
constexpr int kFunctionName = 1, kFunctionInput = 4, kFunctionOutput = 5, kFunctionNode = 7,
              kFunctionOpset = 9, kFunctionDomain = 10;
constexpr int kPairKey = 1, kPairValue = 2;
constexpr int kGraphNode = 1, kGraphName = 2, kGraphInitializer = 5, kGraphInput = 11,
              kGraphOutput = 12;
constexpr int kNodeInput = 1, kNodeOutput = 2, kNodeName = 3, kNodeOp = 4, kNodeAttribute = 5,
              kNodeDomain = 7;
constexpr int kAttributeName = 1, kAttributeFloat = 2, kAttributeInt = 3, kAttributeString = 4,
              kAttributeInts = 8, kAttributeType = 20;
constexpr int kTensorDims = 1, kTensorType = 2, kTensorName = 8, kTensorRaw = 9;
constexpr int kValueName = 1, kValueType = 2;
constexpr int kTypeTensor = 1, kTensorTypeElement = 1, kTensorTypeShape = 2, kShapeDim = 1,
              kDimValue = 1;
}  // namespace field

// A Protocol Buffers message under construction.
class Message {
 public:
  void Varint(int number, std::int64_t value) {
    Tag(number, 0);
    Raw(static_cast<std::uint64_t>(value));
  }
  void Float(int number, float value) {
    Tag(number, 5);
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int i = 0; i < 4; ++i) bytes_.push_back(static_cast<char>(bits >> (8 * i)));
  }
  void Bytes(int number, std::string_view text) {
    Length(number, text.size());
    bytes_ += text;
  }
  void Nested(int number, const Message& message) { Bytes(number, message.bytes_); }
  // Only the head of a field of `size` bytes, which follow later.
  void Length(int number, std::uint64_t size) {
    Tag(number, 2);
    Raw(size);
  }

  const std::string& bytes() const { return bytes_; }
  std::span<const std::byte> span() const { return AsBytes(bytes_); }

 private:
  void Tag(int number, int wire_type) { Raw(static_cast<std::uint64_t>(number << 3 | wire_type)); }
  void Raw(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }

  std::string bytes_;
};

Message AttributeMessage(const std::string& name, const Attribute& attribute) {
  Message message;
  message.Bytes(field::kAttributeName, name);
  if (const auto* integer = std::get_if<std::int64_t>(&attribute)) {
    message.Varint(field::kAttributeInt, *integer);
    message.Varint(field::kAttributeType, 2);
  } else if (const auto* number = std::get_if<float>(&attribute)) {
    message.Float(field::kAttributeFloat, *number);
    message.Varint(field::kAttributeType, 1);
  } else if (const auto* text = std::get_if<std::string>(&attribute)) {
    message.Bytes(field::kAttributeString, *text);
    message.Varint(field::kAttributeType, 3);
  } else {
    for (const auto value : std::get<std::vector<std::int64_t>>(attribute)) {
      message.Varint(field::kAttributeInts, value);
    }
    message.Varint(field::kAttributeType, 7);
  }
  return message;
}

Message NodeMessage(const Node& node) {
  Message message;
  for (const auto& input : node.inputs) message.Bytes(field::kNodeInput, input);
  for (const auto& output : node.outputs) message.Bytes(field::kNodeOutput, output);
  message.Bytes(field::kNodeName, node.name);
  message.Bytes(field::kNodeOp, node.op);
  for (const auto& [name, attribute] : node.attributes) {
    message.Nested(field::kNodeAttribute, AttributeMessage(name, attribute));
  }
  if (!node.domain.empty()) message.Bytes(field::kNodeDomain, node.domain);
  return message;
}

Message OpsetMessage(const std::string& domain, std::int64_t version) {
  Message opset;
  if (!domain.empty()) opset.Bytes(field::kOpsetDomain, domain);
  opset.Varint(field::kOpsetVersion, version);
  return opset;
}

Message FunctionMessage(const Function& function, std::int64_t opset) {
  Message message;
  message.Bytes(field::kFunctionName, function.name);
  for (const auto& input : function.inputs) message.Bytes(field::kFunctionInput, input);
  for (const auto& output : function.outputs) message.Bytes(field::kFunctionOutput, output);
  for (const auto& node : function.nodes) message.Nested(field::kFunctionNode, NodeMessage(node));
  message.Nested(field::kFunctionOpset, OpsetMessage("", opset));
  message.Bytes(field::kFunctionDomain, function.domain);
  return message;
}

Message DeclarationMessage(const TensorDeclaration& declaration) {
  Message shape;
  for (const auto dimension : declaration.shape) {
    Message dim;
    dim.Varint(field::kDimValue, dimension);
    shape.Nested(field::kShapeDim, dim);
  }
  Message tensor;
  tensor.Varint(field::kTensorTypeElement, static_cast<std::int64_t>(DataType::kFloat));
  tensor.Nested(field::kTensorTypeShape, shape);
  Message type;
  type.Nested(field::kTypeTensor, tensor);
  Message message;
  message.Bytes(field::kValueName, declaration.name);
  message.Nested(field::kValueType, type);
  return message;
}

std::uint64_t ByteCount(const Initializer& initializer) {
  return static_cast<std::uint64_t>(ElementCount(initializer.shape)) *
         BytesPerValue(initializer.type);
}

// Everything of a TensorProto but its values, which follow.
Message TensorHead(const std::string& name, const Initializer& initializer) {
  Message message;
  for (const auto dimension : initializer.shape) message.Varint(field::kTensorDims, dimension);
  message.Varint(field::kTensorType, static_cast<std::int64_t>(initializer.type));
  message.Bytes(field::kTensorName, name);
  message.Length(field::kTensorRaw, ByteCount(initializer));
  return message;
}

Message GraphHead(const OnnxModel& model) {
  Message graph;
  graph.Bytes(field::kGraphName, "gpen");
  for (const auto& node : model.nodes) graph.Nested(field::kGraphNode, NodeMessage(node));
  for (const auto& input : model.inputs)
    graph.Nested(field::kGraphInput, DeclarationMessage(input));
  for (const auto& output : model.outputs) {
    graph.Nested(field::kGraphOutput, DeclarationMessage(output));
  }
  return graph;
}

Message ModelHead(const OnnxModel& model) {
  Message message;
  message.Varint(field::kModelIrVersion, kIrVersion);
  message.Bytes(field::kModelProducer, "gpen");
  message.Nested(field::kModelOpset, OpsetMessage("", model.opset));
  std::set<std::string> domains;
  for (const auto& function : model.functions) {
    message.Nested(field::kModelFunction, FunctionMessage(function, model.opset));
    domains.insert(function.domain);
  }
  for (const auto& domain : domains) message.Nested(field::kModelOpset, OpsetMessage(domain, 1));
  for (const auto& [key, value] : model.metadata) {
    Message pair;
    pair.Bytes(field::kPairKey, key);
    pair.Bytes(field::kPairValue, value);
    message.Nested(field::kModelMetadata, pair);
  }
  return message;
}

}  // namespace

Result<void> WriteModel(const OnnxModel& model, const ByteSink& sink) {
  const Message graph = GraphHead(model);
  std::vector<std::pair<Message, const Initializer*>> tensors;  // Heads are small.
  std::uint64_t graph_bytes = graph.bytes().size();
  for (const auto& [name, initializer] : model.initializers) {
    const Message head = TensorHead(name, initializer);
    const std::uint64_t tensor_bytes = head.bytes().size() + ByteCount(initializer);
    Message framed;
    framed.Length(field::kGraphInitializer, tensor_bytes);
    graph_bytes += framed.bytes().size() + tensor_bytes;
    tensors.emplace_back(head, &initializer);
  }
  Message head = ModelHead(model);
  head.Length(field::kModelGraph, graph_bytes);
  if (head.bytes().size() + graph_bytes > kMaxModelBytes) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("the model would have {} bytes; the ONNX format ends at {}",
                             head.bytes().size() + graph_bytes, kMaxModelBytes));
  }
  GPEN_TRY(sink(head.span()));
  GPEN_TRY(sink(graph.span()));
  for (const auto& [tensor_head, initializer] : tensors) {
    Message framed;
    framed.Length(field::kGraphInitializer, tensor_head.bytes().size() + ByteCount(*initializer));
    GPEN_TRY(sink(framed.span()));
    GPEN_TRY(sink(tensor_head.span()));
    GPEN_ASSIGN_OR_RETURN(const auto values, initializer->read());
    if (values.size() != ByteCount(*initializer)) {
      return Error(ErrorCode::kInternal, fmt::format("an initializer of {} bytes gave {} bytes",
                                                     ByteCount(*initializer), values.size()));
    }
    GPEN_TRY(sink(values));
  }
  return {};
}

Result<std::vector<std::byte>> ModelBytes(const OnnxModel& model) {
  std::vector<std::byte> bytes;
  GPEN_TRY(WriteModel(model, [&](std::span<const std::byte> part) -> Result<void> {
    bytes.insert(bytes.end(), part.begin(), part.end());
    return {};
  }));
  return bytes;
}

}  // namespace gpen::onnx
