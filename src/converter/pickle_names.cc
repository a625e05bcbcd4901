#include "converter/pickle_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace gpen::converter {
namespace {

// kInert: values that training checkpoints hold beside the weights. They become empty records.
constexpr std::array kKnownNames = {
    KnownName{"collections OrderedDict", NameRole::kDict},
    KnownName{"torch._utils _rebuild_tensor_v2", NameRole::kTensorV2},
    KnownName{"torch._utils _rebuild_tensor", NameRole::kTensor},
    KnownName{"torch._utils _rebuild_parameter", NameRole::kParameter},
    KnownName{"torch Size", NameRole::kTuple},
    KnownName{"torch FloatStorage", NameRole::kStorageType, ElementType::kFloat32},
    KnownName{"torch HalfStorage", NameRole::kStorageType, ElementType::kFloat16},
    KnownName{"torch BFloat16Storage", NameRole::kStorageType, ElementType::kBFloat16},
    KnownName{"torch DoubleStorage", NameRole::kStorageType, ElementType::kFloat64},
    KnownName{"torch LongStorage", NameRole::kStorageType, ElementType::kInt64},
    KnownName{"torch IntStorage", NameRole::kStorageType, ElementType::kInt32},
    KnownName{"torch ShortStorage", NameRole::kStorageType, ElementType::kInt16},
    KnownName{"torch CharStorage", NameRole::kStorageType, ElementType::kInt8},
    KnownName{"torch ByteStorage", NameRole::kStorageType, ElementType::kUInt8},
    KnownName{"torch BoolStorage", NameRole::kStorageType, ElementType::kBool},
    KnownName{"torch device", NameRole::kInert},
    KnownName{"torch float32", NameRole::kInert},
    KnownName{"argparse Namespace", NameRole::kInert},
    KnownName{"collections defaultdict", NameRole::kInert},
    KnownName{"numpy dtype", NameRole::kInert},
    KnownName{"numpy.core.multiarray scalar", NameRole::kInert},
    KnownName{"numpy._core.multiarray scalar", NameRole::kInert},
    KnownName{"_codecs encode", NameRole::kInert},
};

// Names come from the file: only plain characters of them reach a message.
std::string Printable(std::string_view text) {
  std::string shown(text.substr(0, 80));
  for (char& c : shown) {
    if (std::isprint(static_cast<unsigned char>(c)) == 0) c = '?';
  }
  return shown;
}

}  // namespace

const KnownName* FindName(std::string_view name) {
  const auto found = std::find_if(kKnownNames.begin(), kKnownNames.end(),
                                  [&](const KnownName& known) { return known.name == name; });
  return found == kKnownNames.end() ? nullptr : &*found;
}

std::size_t BytesPerElement(ElementType type) {
  switch (type) {
    case ElementType::kFloat64:
    case ElementType::kInt64:
      return 8;
    case ElementType::kFloat32:
    case ElementType::kInt32:
      return 4;
    case ElementType::kFloat16:
    case ElementType::kBFloat16:
    case ElementType::kInt16:
      return 2;
    case ElementType::kInt8:
    case ElementType::kUInt8:
    case ElementType::kBool:
      return 1;
  }
  return 1;
}

std::string_view NameOf(ElementType type) {
  constexpr std::array<std::string_view, 10> kNames = {"float32", "float16", "bfloat16", "float64",
                                                       "int64",   "int32",   "int16",    "int8",
                                                       "uint8",   "bool"};
  return kNames[static_cast<std::size_t>(type)];
}
Error RefusedName(std::string_view module, std::string_view name) {
  return Error(ErrorCode::kModelInvalid,
               fmt::format("the pickle names '{}.{}', which no state dict needs. A checkpoint can "
                           "run any command through such a name, so it is refused and nothing "
                           "was executed. Expected a file saved by torch.save(state_dict)",
                           Printable(module), Printable(name)));
}

}  // namespace gpen::converter
