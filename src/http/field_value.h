// What the values of HTTP header fields are made of (RFC 9110, section 5.6): lists, tokens and
// parameters. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"

namespace gpen::http {

/// `text` without spaces and tabs at its ends.
std::string_view Trim(std::string_view text);

/// ASCII letters in lower case, everything else as it is.
std::string LowerCase(std::string_view text);

/// Whether the two differ in nothing but the case of ASCII letters.
bool EqualIgnoringCase(std::string_view a, std::string_view b);

/// Removes the first element from a comma-separated list and returns it trimmed; it may be empty.
/// For lists whose elements hold no quoted commas.
std::string_view TakeListElement(std::string_view* list);

/// A value with parameters: `form-data; name="image"; filename="a.jpg"`.
struct ParameterizedValue {
  std::string value;  ///< In lower case: "form-data".
  Fields parameters;  ///< Names in lower case; values as they were meant, without quotes.

  /// Value of the parameter `name` (given in lower case); nothing where it is absent.
  std::optional<std::string_view> Parameter(std::string_view name) const;
};

/// Lenient, as clients are: what is no parameter is left out, an open quote ends with the text.
ParameterizedValue ParseParameterizedValue(std::string_view text);

}  // namespace gpen::http
