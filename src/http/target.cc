#include "http/target.h"

#include <fmt/format.h>

#include <algorithm>

namespace gpen::http {
namespace {

constexpr std::size_t kMaxPairs = 100;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsSafeSegment(std::string_view segment) {
  if (segment == "." || segment == "..") return false;
  return std::ranges::none_of(segment, [](char c) {
    return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

}  // namespace

std::optional<std::string_view> Target::Query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

Result<std::vector<std::pair<std::string, std::string>>> ParseForm(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = PercentDecode(pair.substr(0, equals), true);
    auto value = PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("expected %XX with two hexadecimal digits in \"{}\"", pair));
    }
    if (pairs.size() == kMaxPairs) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("expected at most {} name=value pairs", kMaxPairs));
    }
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

Result<Target> ParseTarget(std::string_view raw) {
  if (!raw.starts_with('/')) {
    return Error(ErrorCode::kInvalidArgument, "expected a path that begins with /");
  }
  Target target;
  const auto question = std::min(raw.find('?'), raw.size());
  if (question < raw.size()) {
    GPEN_ASSIGN_OR_RETURN(target.query, ParseForm(raw.substr(question + 1)));
  }
  std::string_view path = raw.substr(1, question - 1);
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    auto segment = PercentDecode(path.substr(0, slash), false);
    if (!segment) {
      return Error(ErrorCode::kInvalidArgument,
                   "expected %XX with two hexadecimal digits in the path");
    }
    if (!IsSafeSegment(*segment)) return Error(ErrorCode::kNotFound, "no such path");
    target.segments.push_back(std::move(*segment));
    if (slash == path.size()) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) {  // "/a/": the last segment is empty.
      target.segments.emplace_back();
      break;
    }
  }
  for (const auto& segment : target.segments) target.path += "/" + segment;
  if (target.path.empty()) target.path = "/";
  return target;
}

}  // namespace gpen::http
