// Target: what a request line asks for, decoded and checked.
//
// A decoded path segment never holds a slash, a backslash or a control character, and is never "."
// or "..": so no handler can be led out of its folder. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace gpen::http {

struct Target {
  std::string path;                   ///< Decoded, "/api/v1/jobs".
  std::vector<std::string> segments;  ///< Decoded, {"api", "v1", "jobs"}; empty for "/".
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded, in the order given.

  /// The first value of `name`; nothing where it is absent.
  std::optional<std::string_view> Query(std::string_view name) const;
};

/// Parses "/path?query". Errors: kInvalidArgument for what is not a target, kNotFound for a path
/// that can name nothing here (dot segments, encoded slashes).
Result<Target> ParseTarget(std::string_view raw);

/// `text` with %XX decoded, and '+' as a space where `plus_is_space`; nothing where a % is not
/// followed by two hexadecimal digits.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

/// `text` with everything but unreserved characters as %XX.
std::string PercentEncode(std::string_view text);

/// Name-value pairs of "a=1&b=2" (a query, or a form's body).
/// Errors: kInvalidArgument for a broken encoding or more than 100 pairs.
Result<std::vector<std::pair<std::string, std::string>>> ParseForm(std::string_view text);

}  // namespace gpen::http
