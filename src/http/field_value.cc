#include "http/field_value.h"

#include <algorithm>

namespace gpen::http {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Reads a token or a quoted string from the start of `text`, up to the next semicolon.
std::string TakeParameterValue(std::string_view* text) {
  std::string value;
  if (!text->starts_with('"')) {
    const auto end = std::min(text->find(';'), text->size());
    value = Trim(text->substr(0, end));
    text->remove_prefix(end);
    return value;
  }
  text->remove_prefix(1);
  while (!text->empty() && text->front() != '"') {
    // Browsers write the backslash of a Windows path as it is: only these two are escapes.
    if (text->starts_with("\\\"") || text->starts_with("\\\\")) text->remove_prefix(1);
    value += text->front();
    text->remove_prefix(1);
  }
  text->remove_prefix(std::min(text->find(';'), text->size()));
  return value;
}

}  // namespace

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), Lower);
  return lower;
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

std::string_view TakeListElement(std::string_view* list) {
  const auto comma = std::min(list->find(','), list->size());
  const auto element = Trim(list->substr(0, comma));
  list->remove_prefix(std::min(comma + 1, list->size()));
  return element;
}

std::optional<std::string_view> ParameterizedValue::Parameter(std::string_view name) const {
  for (const auto& [key, parameter] : parameters) {
    if (key == name) return parameter;
  }
  return std::nullopt;
}

ParameterizedValue ParseParameterizedValue(std::string_view text) {
  ParameterizedValue parsed;
  const auto end = std::min(text.find(';'), text.size());
  parsed.value = LowerCase(Trim(text.substr(0, end)));
  text.remove_prefix(end);
  while (text.starts_with(';')) {
    text.remove_prefix(1);
    const auto equals = text.find('=');
    const auto semicolon = text.find(';');
    if (equals == std::string_view::npos) break;
    if (semicolon < equals) {  // A parameter without a value.
      text.remove_prefix(semicolon);
      continue;
    }
    auto name = LowerCase(Trim(text.substr(0, equals)));
    text.remove_prefix(equals + 1);
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    parsed.parameters.emplace_back(std::move(name), TakeParameterValue(&text));
  }
  return parsed;
}

}  // namespace gpen::http
