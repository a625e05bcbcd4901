#include "converter/pickle_reader.h"

#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "converter/pickle_bytes.h"
#include "converter/pickle_names.h"
#include "converter/pickle_stack.h"

namespace gpen::converter {
namespace {

constexpr std::size_t kMaxNodes = 4'000'000;   // A state dict of GPEN-2048 has about 10,000.
constexpr std::size_t kMaxItems = 16'000'000;  // Of all containers together.
constexpr std::size_t kMaxDimensions = 8;
constexpr std::size_t kMaxArguments = 16;

class PickleMachine {
 public:
  explicit PickleMachine(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Result<Pickle> Run() {
    while (!stopped_) {
      const auto opcode = bytes_.TakeInteger<unsigned char>();
      if (!opcode) return Broken("it has no end");
      GPEN_TRY(Step(*opcode));
      if (pickle_.nodes.size() > kMaxNodes || stack_.item_count() > kMaxItems) {
        return Broken("it has too many values for a state dict");
      }
    }
    pickle_.byte_count = bytes_.position();
    return std::move(pickle_);
  }

 private:
  using Nodes = PickleStack::Nodes;

  Error Broken(std::string_view what) const { return bytes_.Broken(what); }

  // --- Opcodes -----------------------------------------------------------------------------------

  Result<void> Step(unsigned char opcode) {
    switch (opcode) {
      case 0x80:
        return Protocol();
      case 0x95:
        return Discard(bytes_.TakeInteger<std::uint64_t>());  // FRAME: a hint for readers.
      case '.':
        return Stop();
      case '(':
        stack_.PushMark();
        return {};
      case '0':
        return Discard(stack_.Pop());
      case '1':
        return Discard(stack_.PopToMark());
      case '2':
        return Duplicate();
      case 'N':
        stack_.Push({});
        return {};
      case 0x88:
        stack_.Push({.kind = PickleKind::kBool, .integer = 1});
        return {};
      case 0x89:
        stack_.Push({.kind = PickleKind::kBool, .integer = 0});
        return {};
      case 'J':
        return Integer<std::int32_t>();
      case 'K':
        return Integer<std::uint8_t>();
      case 'M':
        return Integer<std::uint16_t>();
      case 0x8a:
        return WideInteger(bytes_.TakeSizedText<std::uint8_t>());
      case 0x8b:
        return WideInteger(bytes_.TakeSizedText<std::int32_t>());
      case 'G':
        return Float();
      case 'X':
        return Text(bytes_.TakeSizedText<std::uint32_t>());
      case 'T':
        return Text(bytes_.TakeSizedText<std::int32_t>());
      case 'U':
      case 'C':
      case 0x8c:
        return Text(bytes_.TakeSizedText<std::uint8_t>());
      case 'B':
        return Text(bytes_.TakeSizedText<std::uint32_t>());
      case ']':
        stack_.PushItems(PickleKind::kList, {});
        return {};
      case ')':
        stack_.PushItems(PickleKind::kTuple, {});
        return {};
      case '}':
        stack_.PushItems(PickleKind::kDict, {});
        return {};
      case 0x8f:
        stack_.Push({.kind = PickleKind::kInert});
        return {};  // EMPTY_SET
      case 'l':
        return Items(PickleKind::kList, stack_.PopToMark());
      case 't':
        return Items(PickleKind::kTuple, stack_.PopToMark());
      case 'd':
        return Items(PickleKind::kDict, stack_.PopToMark());
      case 0x85:
        return Items(PickleKind::kTuple, stack_.PopMany(1));
      case 0x86:
        return Items(PickleKind::kTuple, stack_.PopMany(2));
      case 0x87:
        return Items(PickleKind::kTuple, stack_.PopMany(3));
      case 'a':
        return Add(PickleKind::kList, stack_.PopMany(1));
      case 'e':
      case 0x90:
        return Add(PickleKind::kList, stack_.PopToMark());
      case 's':
        return Add(PickleKind::kDict, stack_.PopMany(2));
      case 'u':
        return Add(PickleKind::kDict, stack_.PopToMark());
      case 'q':
        return Remember(bytes_.TakeInteger<std::uint8_t>());
      case 'r':
        return Remember(bytes_.TakeInteger<std::uint32_t>());
      case 0x94:
        return Remember(Result<std::uint32_t>(static_cast<std::uint32_t>(memo_.size())));
      case 'h':
        return Recall(bytes_.TakeInteger<std::uint8_t>());
      case 'j':
        return Recall(bytes_.TakeInteger<std::uint32_t>());
      case 'c':
        return NameFromLines();
      case 0x93:
        return NameFromStack();
      case 'R':
      case 0x81:
        return Call();
      case 'b':
        return SetState();
      case 'Q':
        return PersistentReference();
      default:
        return Error(
            ErrorCode::kModelInvalid,
            fmt::format("the pickle uses the opcode 0x{:02x} at byte {}, which no state dict "
                        "needs: refused",
                        opcode, bytes_.position() - 1));
    }
  }

  template <typename T>
  static Result<void> Discard(Result<T> result) {
    if (!result) return std::move(result).error();
    return {};
  }

  Result<void> Protocol() {
    GPEN_ASSIGN_OR_RETURN(const auto version, bytes_.TakeInteger<std::uint8_t>());
    if (version < 2 || version > 5) {
      return Broken(fmt::format("expected pickle protocol 2 to 5, found {}", version));
    }
    return {};
  }

  Result<void> Stop() {
    GPEN_ASSIGN_OR_RETURN(pickle_.root, stack_.Pop());
    stopped_ = true;
    return {};
  }

  Result<void> Duplicate() {
    GPEN_ASSIGN_OR_RETURN(const auto top, stack_.Top());
    stack_.PushAgain(top);
    return {};
  }

  template <typename T>
  Result<void> Integer() {
    GPEN_ASSIGN_OR_RETURN(const auto value, bytes_.TakeInteger<T>());
    stack_.PushInteger(value);
    return {};
  }

  Result<void> WideInteger(Result<std::string_view> bytes) {
    if (!bytes) return std::move(bytes).error();
    if (bytes->size() > 8) {
      // Only the magic number of the old format is so wide; as a size it would be refused.
      pickle_.wide_integer = *bytes;
      stack_.Push({.kind = PickleKind::kInert});
      return {};
    }
    stack_.PushInteger(SignedInteger(*bytes));
    return {};
  }

  Result<void> Float() {  // Learning rates and the like: no weight is stored so.
    stack_.Push({.kind = PickleKind::kFloat});
    return Discard(bytes_.TakeInteger<std::uint64_t>());
  }

  Result<void> Text(Result<std::string_view> text) {
    if (!text) return std::move(text).error();
    stack_.PushText(*text);
    return {};
  }

  Result<void> Items(PickleKind kind, Result<Nodes> items) {
    if (!items) return std::move(items).error();
    if (kind == PickleKind::kDict && items->size() % 2 != 0) return Broken("a key has no value");
    stack_.PushItems(kind, *std::move(items));
    return {};
  }

  Result<void> Add(PickleKind kind, Result<Nodes> items) {
    if (!items) return std::move(items).error();
    return stack_.AddToTop(kind, *items);
  }

  template <typename Key>
  Result<void> Remember(Result<Key> key) {
    if (!key) return std::move(key).error();
    GPEN_ASSIGN_OR_RETURN(memo_[*key], stack_.Top());
    return {};
  }

  template <typename Key>
  Result<void> Recall(Result<Key> key) {
    if (!key) return std::move(key).error();
    const auto found = memo_.find(*key);
    if (found == memo_.end()) return Broken("it recalls a value that it never remembered");
    stack_.PushAgain(found->second);
    return {};
  }

  // --- Names and calls ---------------------------------------------------------------------------

  Result<void> PushName(std::string_view module, std::string_view name) {
    const KnownName* known = FindName(fmt::format("{} {}", module, name));
    if (known == nullptr) return RefusedName(module, name);
    stack_.Push({.kind = PickleKind::kName, .text = known->name});
    return {};
  }

  Result<void> NameFromLines() {
    GPEN_ASSIGN_OR_RETURN(const auto module, bytes_.TakeLine());
    GPEN_ASSIGN_OR_RETURN(const auto name, bytes_.TakeLine());
    return PushName(module, name);
  }

  Result<void> NameFromStack() {
    GPEN_ASSIGN_OR_RETURN(const auto items, stack_.PopMany(2));
    const PickleNode& module = pickle_.nodes[items[0]];
    const PickleNode& name = pickle_.nodes[items[1]];
    if (module.kind != PickleKind::kText || name.kind != PickleKind::kText) {
      return Broken("a name is not a text");
    }
    return PushName(module.text, name.text);
  }

  Result<void> Call() {
    GPEN_ASSIGN_OR_RETURN(const auto items, stack_.PopMany(2));
    const PickleNode& callee = pickle_.nodes[items[0]];
    const PickleNode& arguments = pickle_.nodes[items[1]];
    if (callee.kind != PickleKind::kName || arguments.kind != PickleKind::kTuple) {
      return Broken("something is called that is no name");
    }
    if (arguments.items.size() > kMaxArguments) return Broken("a call has too many arguments");
    const Nodes inputs = arguments.items;  // A copy: new nodes move the old ones.
    switch (FindName(callee.text)->role) {
      case NameRole::kDict:
        return MakeDict(inputs);
      case NameRole::kTensor:
      case NameRole::kTensorV2:
        return MakeTensor(inputs);
      case NameRole::kParameter:
        if (inputs.empty()) return Broken("a parameter without a tensor");
        stack_.PushAgain(inputs[0]);
        return {};
      case NameRole::kTuple:
        if (inputs.size() != 1) return Broken("a size of several parts");
        stack_.PushAgain(inputs[0]);
        return {};
      case NameRole::kStorageType:
        return Broken("a storage type is called");
      case NameRole::kInert:
        stack_.Push({.kind = PickleKind::kInert});
        return {};
    }
    return Broken("a name of no role");
  }

  // OrderedDict() is empty, or made of a list of pairs (old Python).
  Result<void> MakeDict(const Nodes& inputs) {
    Nodes items;
    if (!inputs.empty()) {
      const PickleNode& pairs = pickle_.nodes[inputs[0]];
      if (pairs.kind != PickleKind::kList)
        return Broken("a dict made of something that is no list");
      for (const auto index : pairs.items) {
        const PickleNode& pair = pickle_.nodes[index];
        if (pair.items.size() != 2) return Broken("a dict entry that is no pair");
        items.insert(items.end(), pair.items.begin(), pair.items.end());
      }
    }
    stack_.PushItems(PickleKind::kDict, std::move(items));
    return {};
  }

  Result<std::int64_t> IntegerAt(std::uint32_t index) const {
    const PickleNode& node = pickle_.nodes[index];
    if (node.kind != PickleKind::kInteger || node.integer < 0) {
      return Broken("expected a size or offset of 0 or more");
    }
    return node.integer;
  }

  Result<std::vector<std::int64_t>> SizesAt(std::uint32_t index) const {
    const PickleNode& node = pickle_.nodes[index];
    if (node.kind != PickleKind::kTuple || node.items.size() > kMaxDimensions) {
      return Broken("expected a shape of at most 8 dimensions");
    }
    std::vector<std::int64_t> sizes;
    for (const auto item : node.items) {
      GPEN_ASSIGN_OR_RETURN(const auto size, IntegerAt(item));
      sizes.push_back(size);
    }
    return sizes;
  }

  // _rebuild_tensor_v2(storage, offset, shape, strides, ...): what follows is about gradients.
  Result<void> MakeTensor(const Nodes& inputs) {
    if (inputs.size() < 4)
      return Broken("a tensor needs a storage, an offset, a shape and strides");
    const PickleNode& storage = pickle_.nodes[inputs[0]];
    if (storage.kind != PickleKind::kStorage) return Broken("a tensor without a storage");
    TensorRecord tensor;
    tensor.storage = static_cast<std::size_t>(storage.integer);
    GPEN_ASSIGN_OR_RETURN(tensor.element_offset, IntegerAt(inputs[1]));
    GPEN_ASSIGN_OR_RETURN(tensor.shape, SizesAt(inputs[2]));
    GPEN_ASSIGN_OR_RETURN(tensor.strides, SizesAt(inputs[3]));
    if (tensor.shape.size() != tensor.strides.size()) return Broken("a shape without its strides");
    pickle_.tensors.push_back(std::move(tensor));
    stack_.Push({.kind = PickleKind::kTensor,
                 .integer = static_cast<std::int64_t>(pickle_.tensors.size() - 1)});
    return {};
  }

  // Attributes (a state dict's _metadata): not needed.
  Result<void> SetState() {
    GPEN_TRY(stack_.Pop());
    return Discard(stack_.Top());
  }

  // ('storage', type, key, device, count) and in the old format also a view: (key, offset, count).
  Result<void> PersistentReference() {
    GPEN_ASSIGN_OR_RETURN(const auto index, stack_.Pop());
    if (pickle_.nodes[index].items.size() > kMaxArguments) {
      return Broken("a reference to something that is no storage");
    }
    const Nodes parts = pickle_.nodes[index].items;
    if (pickle_.nodes[index].kind != PickleKind::kTuple || parts.size() < 5 ||
        pickle_.nodes[parts[0]].text != "storage" ||
        pickle_.nodes[parts[1]].kind != PickleKind::kName ||
        pickle_.nodes[parts[2]].kind != PickleKind::kText) {
      return Broken("a reference to something that is no storage");
    }
    const KnownName* type = FindName(pickle_.nodes[parts[1]].text);
    if (type->role != NameRole::kStorageType) return Broken("a storage of an unknown type");
    StorageReference storage;
    storage.key = pickle_.nodes[parts[2]].text;
    storage.type = type->type;
    GPEN_ASSIGN_OR_RETURN(storage.element_count, IntegerAt(parts[4]));
    if (parts.size() > 5 && pickle_.nodes[parts[5]].kind == PickleKind::kTuple) {
      const Nodes& view = pickle_.nodes[parts[5]].items;
      if (view.size() != 3) return Broken("a storage view that is no triple");
      GPEN_ASSIGN_OR_RETURN(storage.element_offset, IntegerAt(view[1]));
    }
    pickle_.storages.push_back(std::move(storage));
    stack_.Push({.kind = PickleKind::kStorage,
                 .integer = static_cast<std::int64_t>(pickle_.storages.size() - 1)});
    return {};
  }

  PickleBytes bytes_;
  bool stopped_ = false;
  Pickle pickle_;
  PickleStack stack_{&pickle_, bytes_};
  std::unordered_map<std::uint32_t, std::uint32_t> memo_;
};

}  // namespace

Result<Pickle> ReadPickle(std::span<const std::byte> bytes) { return PickleMachine(bytes).Run(); }

}  // namespace gpen::converter
