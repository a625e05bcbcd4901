#include "codec/xmp_text.h"

#include <fmt/format.h>

namespace gpen::codec {
namespace {

constexpr std::size_t kNone = std::string::npos;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The element `name` with its tags, from `from` on. One in another of its name is not looked for.
std::optional<TextSpan> FindTagged(std::string_view text, std::string_view name, std::size_t from) {
  const std::string open = fmt::format("<{}", name);
  for (std::size_t at = text.find(open, from); at != kNone; at = text.find(open, at + 1)) {
    const std::size_t after = at + open.size();
    const std::size_t end = text.find('>', after);
    if (end == kNone) return std::nullopt;
    if (!IsSpace(text[after]) && text[after] != '>' && text[after] != '/') continue;
    if (text[end - 1] == '/') return TextSpan{at, end + 1};
    const std::string close = fmt::format("</{}>", name);
    const std::size_t closed = text.find(close, end);
    if (closed == kNone) return std::nullopt;
    return TextSpan{at, closed + close.size()};
  }
  return std::nullopt;
}

}  // namespace

std::string EscapedForXml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::optional<TextSpan> FindAttribute(std::string_view text, std::string_view name,
                                      std::size_t from) {
  for (std::size_t at = text.find(name, from); at != kNone; at = text.find(name, at + 1)) {
    if (at == 0 || !IsSpace(text[at - 1])) continue;
    std::size_t value = at + name.size();
    while (value < text.size() && IsSpace(text[value])) ++value;
    if (value >= text.size() || text[value] != '=') continue;
    ++value;
    while (value < text.size() && IsSpace(text[value])) ++value;
    if (value >= text.size() || (text[value] != '"' && text[value] != '\'')) continue;
    const std::size_t end = text.find(text[value], value + 1);
    if (end == kNone) return std::nullopt;
    return TextSpan{value + 1, end};
  }
  return std::nullopt;
}

std::optional<TextSpan> FindElement(std::string_view text, std::string_view name) {
  const std::string open = fmt::format("<{}>", name);
  const std::size_t begin = text.find(open);
  if (begin == kNone) return std::nullopt;
  const std::size_t end = text.find(fmt::format("</{}>", name), begin);
  if (end == kNone) return std::nullopt;
  return TextSpan{begin + open.size(), end};
}

std::optional<TextSpan> FindValue(std::string_view text, std::string_view name) {
  const auto attribute = FindAttribute(text, name);
  return attribute ? attribute : FindElement(text, name);
}

std::string ValueOf(std::string_view text, std::string_view name) {
  const auto span = FindValue(text, name);
  return span ? std::string(text.substr(span->begin, span->end - span->begin)) : "";
}

bool ReplaceValue(std::string_view name, std::string_view value, std::string* packet) {
  const auto span = FindValue(*packet, name);
  if (!span) return false;
  packet->replace(span->begin, span->end - span->begin, EscapedForXml(value));
  return true;
}

bool RemoveElement(std::string_view name, std::string* packet) {
  const auto span = FindTagged(*packet, name, 0);
  if (!span) return false;
  packet->erase(span->begin, span->end - span->begin);
  return true;
}

bool RemoveAttribute(std::string_view name, std::string* packet) {
  const auto value = FindAttribute(*packet, name);
  if (!value) return false;
  const std::size_t begin = packet->rfind(name, value->begin);
  packet->erase(begin, value->end + 1 - begin);
  return true;
}

void EditElements(std::string_view name, const std::function<void(std::string*)>& edit,
                  std::string* packet) {
  for (std::size_t from = 0;;) {
    const auto span = FindTagged(*packet, name, from);
    if (!span) return;
    std::string element = packet->substr(span->begin, span->end - span->begin);
    edit(&element);
    packet->replace(span->begin, span->end - span->begin, element);
    from = span->begin + element.size();
  }
}

void EditValues(std::string_view name, const std::function<std::string(std::string_view)>& edit,
                std::string* packet) {
  for (std::size_t from = 0;;) {
    const std::string_view rest = std::string_view(*packet).substr(from);
    const auto attribute = FindAttribute(rest, name);
    const auto element = FindElement(rest, name);
    if (!attribute && !element) return;
    const bool takes_element = !attribute || (element && element->begin < attribute->begin);
    const TextSpan span = takes_element ? *element : *attribute;
    const std::string value = edit(rest.substr(span.begin, span.end - span.begin));
    packet->replace(from + span.begin, span.end - span.begin, value);
    from += span.begin + value.size();
  }
}

}  // namespace gpen::codec
