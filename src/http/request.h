// Request: one HTTP request without its body.
//
// A value; handlers may keep a copy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/target.h"

namespace gpen::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOther };

std::string_view NameOf(Method method);
/// kOther for anything else than the named ones.
Method MethodFromName(std::string_view name);

/// Request::user of a request whose sender no guard has found out.
inline constexpr std::int64_t kNobody = -1;

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  Method method = Method::kGet;
  Target target;
  Fields headers;              ///< Names in lower case.
  Fields path_parameters;      ///< What stood for {name} in the route's pattern.
  std::string route;           ///< That pattern; empty before routing.
  std::string remote_address;  ///< The client's, also through a trusted proxy: "192.168.1.7", "::1"
  std::int64_t user = kNobody;  ///< The number that a guard gave to who sent it.
  bool is_secure = false;       ///< The client speaks TLS, to a trusted proxy.
  std::optional<std::int64_t> content_length;
  bool has_body = false;  ///< The client announced one, with a length or chunked.

  /// Value of the header `name` (given in lower case); empty where it is absent.
  std::string_view Header(std::string_view name) const;
  /// Value of the cookie `name`; nothing where it is absent.
  std::optional<std::string_view> Cookie(std::string_view name) const;
  /// What stands for {name}, which the route's pattern must have.
  std::string_view PathParameter(std::string_view name) const;

  /// GET or HEAD.
  bool is_read() const { return method == Method::kGet || method == Method::kHead; }
};

}  // namespace gpen::http
