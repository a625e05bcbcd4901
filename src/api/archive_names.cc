#include "api/archive_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "http/field_value.h"

namespace gpen::api {
namespace {

constexpr std::size_t kMostBytes = 240;
constexpr std::size_t kLongestExtension = 16;

// The length of the UTF-8 sequence at the start of `text`; 0 where there is none.
std::size_t SequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  // Too long for what they say, halves of a pair, and beyond the last character.
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
      (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

bool IsRefusedSomewhere(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F ||
         std::string_view("<>:\"|?*").find(c) != std::string_view::npos;
}

// Cuts `name` to `most` bytes, not within a character or an escape.
void CutTo(std::size_t most, std::string* name) {
  if (name->size() <= most) return;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>((*name)[end]) & 0xC0U) == 0x80U) --end;
  for (std::size_t back = 1; back <= 2 && back < end; ++back) {
    if ((*name)[end - back] == '%') end -= back;
  }
  name->resize(end);
}

// Windows gives these names to its devices, whatever extension they have.
bool IsDevice(std::string_view stem) {
  const std::string lower = http::LowerCase(stem);
  constexpr std::array<std::string_view, 4> kNames = {"con", "prn", "aux", "nul"};
  if (std::ranges::find(kNames, lower) != kNames.end()) return true;
  return lower.size() == 4 && (lower.starts_with("com") || lower.starts_with("lpt")) &&
         lower[3] >= '1' && lower[3] <= '9';
}

}  // namespace

std::string ArchiveName(std::string_view name) {
  const auto slash = name.find_last_of("/\\");
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  std::string safe;
  std::size_t dot = std::string::npos;
  while (!name.empty()) {
    if (name.front() == '.') dot = safe.size();
    const std::size_t length = SequenceLength(name);
    if (length == 0) {
      safe += fmt::format("%{:02X}", static_cast<unsigned char>(name.front()));
    } else if (length == 1) {
      safe += IsRefusedSomewhere(name.front()) ? '_' : name.front();
    } else {
      safe += name.substr(0, length);
    }
    name.remove_prefix(std::max<std::size_t>(length, 1));
  }
  const std::string extension =
      dot != std::string::npos && safe.size() - dot <= kLongestExtension ? safe.substr(dot) : "";
  if (safe.size() > kMostBytes) {
    CutTo(kMostBytes - extension.size(), &safe);
    safe += extension;
  }
  // Windows cuts these off, so that two names would become one.
  while (safe.ends_with('.') || safe.ends_with(' ')) safe.pop_back();
  if (safe.empty()) return "photo";
  if (safe.front() == '.' || IsDevice(safe.substr(0, safe.find('.')))) safe.insert(0, "_");
  return safe;
}

std::string DistinctNames::Take(const std::string& name) {
  const std::string key = http::LowerCase(name);
  if (taken_.insert(key).second) return name;
  const std::filesystem::path original = name;
  int& copy = next_copy_.try_emplace(key, 2).first->second;
  while (true) {
    auto other =
        fmt::format("{} ({}){}", original.stem().string(), copy++, original.extension().string());
    if (taken_.insert(http::LowerCase(other)).second) return other;
  }
}

}  // namespace gpen::api
