// Reads the pickle inside a PyTorch checkpoint as data, without executing anything.
//
// A pickle is a program for a stack machine that may call any Python function. Here the machine
// knows only the opcodes and the few names that a state dict needs, and a call of one of these
// names builds a plain record. Everything else is refused by name. Memory is bounded by the length
// of the pickle: every opcode makes at most one node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpen::converter {

/// Type of the values in a storage.
enum class ElementType : std::uint8_t {
  kFloat32,
  kFloat16,
  kBFloat16,
  kFloat64,
  kInt64,
  kInt32,
  kInt16,
  kInt8,
  kUInt8,
  kBool
};

std::size_t BytesPerElement(ElementType type);
std::string_view NameOf(ElementType type);

/// A reference to a block of values that stands elsewhere in the checkpoint.
struct StorageReference {
  std::string key;
  ElementType type = ElementType::kFloat32;
  std::int64_t element_count = 0;
  std::int64_t element_offset = 0;  ///< Where this view begins in the block (old format only).
};

/// A tensor as the pickle describes it; nothing is checked yet against its storage.
struct TensorRecord {
  std::size_t storage = 0;  ///< Index into Pickle::storages.
  std::int64_t element_offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

enum class PickleKind : std::uint8_t {
  kNone,
  kBool,
  kInteger,
  kFloat,
  kText,
  kTuple,
  kList,
  kDict,
  kName,
  kStorage,
  kTensor,
  kInert
};

/// One value. Children are indices into Pickle::nodes, so that no depth of nesting can exhaust the
/// call stack.
struct PickleNode {
  PickleKind kind = PickleKind::kNone;
  std::int64_t integer = 0;    ///< kBool, kInteger; index for kStorage and kTensor.
  std::string_view text = {};  ///< kText, kName ("module name"); points into the pickle's bytes.
  std::vector<std::uint32_t> items =
      {};  ///< Tuple and list: values; dict: key, value, key, value ...
};

struct Pickle {
  std::vector<PickleNode> nodes;
  std::vector<StorageReference> storages;
  std::vector<TensorRecord> tensors;
  std::uint32_t root = 0;
  std::size_t byte_count = 0;     ///< Length of the pickle, to find what follows it.
  std::string_view wide_integer;  ///< Bytes of the last integer of more than 8 bytes.
};

/// Parses the pickle at the start of `bytes`, which must outlive the result.
///
/// Errors: kModelInvalid for a name or opcode that is not allowed (named), and for a broken pickle.
Result<Pickle> ReadPickle(std::span<const std::byte> bytes);

}  // namespace gpen::converter
