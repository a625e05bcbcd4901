#include "http/media_type.h"

#include <algorithm>

namespace gpen::http {
namespace {

// A token of RFC 9110: what a type and a subtype are made of.
bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::optional<MediaType> MediaType::Parse(std::string_view text) {
  auto parsed = ParseParameterizedValue(text);
  const std::string_view essence = parsed.value;
  const auto slash = essence.find('/');
  if (slash == std::string_view::npos || !IsToken(essence.substr(0, slash)) ||
      !IsToken(essence.substr(slash + 1))) {
    return std::nullopt;
  }
  return MediaType(std::move(parsed));
}

bool MediaType::HasType(std::string_view type) const {
  const std::string_view essence = parsed_.value;
  return essence.substr(0, essence.find('/')) == type;
}

}  // namespace gpen::http
