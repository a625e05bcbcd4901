// MediaType: what a Content-Type names (RFC 9110, section 8.3), read once so that everybody
// compares it alike: the case of type, subtype and parameter names tells nothing apart.
//
// A value. Knows no registry: whether a type makes sense is for its user to say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/field_value.h"

namespace gpen::http {

class MediaType {
 public:
  /// Reads `Multipart/Form-Data; Boundary=x`; nothing where `text` is not "type/subtype" with or
  /// without parameters.
  static std::optional<MediaType> Parse(std::string_view text);

  /// "multipart/form-data", in lower case.
  const std::string& essence() const { return parsed_.value; }

  /// Whether it is `essence` ("image/jpeg", given in lower case), whatever its parameters.
  bool Is(std::string_view essence) const { return parsed_.value == essence; }

  /// Whether its type, the part before the slash, is `type` ("image", given in lower case).
  bool HasType(std::string_view type) const;

  /// Value of the parameter `name` (given in lower case) as it was spelt; nothing where absent.
  std::optional<std::string_view> Parameter(std::string_view name) const {
    return parsed_.Parameter(name);
  }

 private:
  explicit MediaType(ParameterizedValue parsed) : parsed_(std::move(parsed)) {}

  ParameterizedValue parsed_;
};

}  // namespace gpen::http
