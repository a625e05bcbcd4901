#include "http/conditional.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "http/field_value.h"

namespace gpen::http {
namespace {

std::string_view TakeListItem(std::string_view* list) {
  const auto end = std::min(list->find(','), list->size());
  std::string_view item = list->substr(0, end);
  list->remove_prefix(std::min(end + 1, list->size()));
  while (item.starts_with(' ')) item.remove_prefix(1);
  while (item.ends_with(' ')) item.remove_suffix(1);
  return item;
}

bool ListsEtag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    auto item = TakeListItem(&list);
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == "*" || item == etag) return true;
  }
  return false;
}

std::optional<std::time_t> ParseHttpDate(std::string_view text) {
  std::tm parts = {};
  const std::string copy(text);
  const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

bool IsFresh(const Request& request, const Representation& representation) {
  const auto none_match = request.Header("if-none-match");
  if (!none_match.empty()) return ListsEtag(none_match, representation.etag);
  if (representation.modified == 0) return false;
  const auto since = ParseHttpDate(request.Header("if-modified-since"));
  return since && representation.modified <= *since;
}

bool ParseNumber(std::string_view text, std::int64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && *value >= 0;
}

// One range as offset and length; nothing where the header is not one that is honoured; a length of
// 0 where it lies outside.
std::optional<std::pair<std::int64_t, std::int64_t>> ParseRange(std::string_view text,
                                                                std::int64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!EqualIgnoringCase(text.substr(0, kUnit.size()), kUnit) ||
      text.find(',') != std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(kUnit.size());
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first_text = text.substr(0, dash);
  const auto last_text = text.substr(dash + 1);
  std::int64_t first = 0;
  std::int64_t last = size - 1;
  if (first_text.empty()) {  // The last N bytes.
    std::int64_t suffix = 0;
    if (!ParseNumber(last_text, &suffix)) return std::nullopt;
    first = std::max<std::int64_t>(size - suffix, 0);
    return std::pair{first, suffix == 0 ? 0 : size - first};
  }
  if (!ParseNumber(first_text, &first)) return std::nullopt;
  if (!last_text.empty()) {
    if (!ParseNumber(last_text, &last) || last < first) return std::nullopt;
    last = std::min(last, size - 1);
  }
  return std::pair{first, std::max<std::int64_t>(last - first + 1, 0)};
}

}  // namespace

Selection Select(const Request& request, const Representation& representation) {
  const Selection everything = {200, 0, representation.size};
  if (!request.is_read()) return everything;
  if (IsFresh(request, representation)) return {304, 0, 0};
  const auto range_text = request.Header("range");
  if (range_text.empty()) return everything;
  const auto if_range = request.Header("if-range");
  if (!if_range.empty() && if_range != representation.etag &&
      (representation.modified == 0 || if_range != HttpDate(representation.modified))) {
    return everything;
  }
  const auto range = ParseRange(range_text, representation.size);
  if (!range) return everything;
  if (range->second == 0) return {416, 0, 0};
  return {206, range->first, range->second};
}

std::string HttpDate(std::time_t time) {
  std::tm parts = {};
  ::gmtime_r(&time, &parts);
  std::array<char, 64> text;
  const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string(text.data(), size);
}

}  // namespace gpen::http
