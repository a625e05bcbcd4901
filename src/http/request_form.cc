#include "http/request_form.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/field_value.h"

namespace gpen::http {
namespace {

Error Malformed(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, IsTokenCharacter);
}

bool IsControl(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }

bool IsHost(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return c > 0x20 && c < 0x7F &&
           std::string_view("/\\?#@,\"<>").find(c) == std::string_view::npos;
  });
}

// The only value of the header `name`, trimmed; none where it is absent.
Result<std::optional<std::string_view>> OnlyOne(const Fields& headers, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& [key, value] : headers) {
    if (!EqualIgnoringCase(key, name)) continue;
    if (found) return Malformed(fmt::format("expected the header {} once, found two", name));
    found = Trim(value);
  }
  return found;
}

}  // namespace

Result<void> CheckForm(std::string_view version, const Fields& headers) {
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Malformed("expected HTTP/1.1 or HTTP/1.0");
  }
  for (const auto& [name, value] : headers) {
    if (!IsToken(name)) {
      return Malformed("expected a header's name without spaces, directly before the colon");
    }
    if (std::ranges::any_of(value, IsControl)) {
      return Malformed(fmt::format("found a control character in the header {}", name));
    }
  }
  GPEN_ASSIGN_OR_RETURN(const auto length, OnlyOne(headers, "Content-Length"));
  GPEN_ASSIGN_OR_RETURN(const auto coding, OnlyOne(headers, "Transfer-Encoding"));
  GPEN_ASSIGN_OR_RETURN(const auto host, OnlyOne(headers, "Host"));
  if (length && (length->empty() || length->size() > 18 ||
                 !std::ranges::all_of(*length, [](char c) { return c >= '0' && c <= '9'; }))) {
    return Malformed("expected a whole number of bytes as Content-Length");
  }
  if (coding && (!EqualIgnoringCase(*coding, "chunked") || version == "HTTP/1.0")) {
    return Malformed("expected no transfer coding but chunked, and that in HTTP/1.1");
  }
  if (length && coding) return Malformed("expected a length or chunks, found both");
  if (!host && version == "HTTP/1.1") return Malformed("expected a Host header, found none");
  if (host && !IsHost(*host)) return Malformed("expected a name or an address as Host");
  return {};
}

}  // namespace gpen::http
