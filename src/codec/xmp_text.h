// Values and elements in the text of an XMP packet, found and replaced where they stand.
//
// Names are written with the prefixes that their specifications use (see xmp_prefixes.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gpen::codec {

struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// With the five characters that XML reserves written as entities.
std::string EscapedForXml(std::string_view text);

/// The value in `name="value"`, found from `from` on.
std::optional<TextSpan> FindAttribute(std::string_view text, std::string_view name,
                                      std::size_t from = 0);

/// The content of `<name>content</name>`.
std::optional<TextSpan> FindElement(std::string_view text, std::string_view name);

/// The property's value, in whichever of both forms it stands.
std::optional<TextSpan> FindValue(std::string_view text, std::string_view name);

/// The same as text; empty where there is none.
std::string ValueOf(std::string_view text, std::string_view name);

/// Replaces the property's value where it stands; false where there is none.
bool ReplaceValue(std::string_view name, std::string_view value, std::string* packet);

/// Takes away the first `<name ...>...</name>` or `<name .../>`; false where there is none.
bool RemoveElement(std::string_view name, std::string* packet);
bool RemoveAttribute(std::string_view name, std::string* packet);

/// Lets `edit` change the text of each element `name`, its tags included.
void EditElements(std::string_view name, const std::function<void(std::string*)>& edit,
                  std::string* packet);

/// Lets `edit` change each value of the property `name`.
void EditValues(std::string_view name, const std::function<std::string(std::string_view)>& edit,
                std::string* packet);

}  // namespace gpen::codec
