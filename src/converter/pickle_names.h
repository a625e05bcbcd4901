// The names that a pickle may use: the allow-list of the checkpoint reader.
//
// A name has a role, which says what record a call of it builds. No name leads to code.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "converter/pickle_reader.h"

namespace gpen::converter {

/// What calling a name, or making an object of it, gives.
enum class NameRole : std::uint8_t {
  kDict,
  kTensorV2,
  kTensor,
  kParameter,
  kTuple,
  kStorageType,
  kInert
};

/// `name` is the module and the name in it, with a space between.
struct KnownName {
  std::string_view name;
  NameRole role;
  ElementType type = ElementType::kFloat32;
};

/// The entry of `name` ("torch FloatStorage"), or nullptr where it is not allowed.
const KnownName* FindName(std::string_view name);

/// The error that a pickle names `module`.`name`, which is not in the list.
Error RefusedName(std::string_view module, std::string_view name);

}  // namespace gpen::converter
