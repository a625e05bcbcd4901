#include "http/request.h"

#include <algorithm>
#include <array>

namespace gpen::http {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 6> kNames = {
    {{Method::kGet, "GET"},
     {Method::kHead, "HEAD"},
     {Method::kPost, "POST"},
     {Method::kPut, "PUT"},
     {Method::kPatch, "PATCH"},
     {Method::kDelete, "DELETE"}}};

std::string_view Find(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

std::string_view NameOf(Method method) {
  for (const auto& [value, name] : kNames) {
    if (value == method) return name;
  }
  return "other";
}

Method MethodFromName(std::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (known == name) return value;
  }
  return Method::kOther;
}

std::string_view Request::Header(std::string_view name) const { return Find(headers, name); }

std::string_view Request::PathParameter(std::string_view name) const {
  return Find(path_parameters, name);
}

std::optional<std::string_view> Request::Cookie(std::string_view name) const {
  std::string_view cookies = Header("cookie");
  while (!cookies.empty()) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    std::string_view cookie = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    while (cookie.starts_with(' ')) cookie.remove_prefix(1);
    const auto equals = cookie.find('=');
    if (equals != std::string_view::npos && cookie.substr(0, equals) == name) {
      return cookie.substr(equals + 1);
    }
  }
  return std::nullopt;
}

}  // namespace gpen::http
