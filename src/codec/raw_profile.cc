#include "codec/raw_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "base/inflate.h"
#include "codec/byte_writer.h"
#include "codec/exif_block.h"
#include "codec/photoshop_resources.h"

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kKeyword = "Raw profile type ";
constexpr auto kXmpPrefix = "http://ns.adobe.com/xap/1.0/\0"sv;

std::optional<unsigned> Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// A line with a name, one with the number of bytes, and their digits.
std::vector<std::byte> BytesOf(std::string_view text) {
  const auto skip_spaces = [&] {
    text.remove_prefix(std::min(text.find_first_not_of(" \n\r\t"), text.size()));
  };
  skip_spaces();
  text.remove_prefix(std::min(text.find('\n'), text.size()));
  skip_spaces();
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || size > text.size()) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  std::vector<std::byte> bytes;
  std::optional<unsigned> high;
  for (const char c : text) {
    const auto digit = Digit(c);
    if (!digit) continue;
    if (high) bytes.push_back(static_cast<std::byte>(*high << 4 | *digit));
    high = high ? std::nullopt : digit;
  }
  return bytes.size() == size ? bytes : std::vector<std::byte>();
}

void SetIfEmpty(Bytes value, std::vector<std::byte>* field) {
  if (field->empty()) field->assign(value.begin(), value.end());
}

// A PNG may hold the same resources twice, under two names.
void ReadResources(Bytes bytes, Metadata* metadata, std::vector<std::string>* losses) {
  const bool has_resources = std::ranges::any_of(
      metadata->parts, [](const FormatPart& part) { return part.type == "8BIM"; });
  if (ReadU8(bytes, 0) == 0x1C) {
    SetIfEmpty(bytes, &metadata->iptc);
  } else if (!has_resources) {
    ReadPhotoshopResources(bytes, metadata, losses);
  }
}

}  // namespace

bool ReadRawProfile(const PhotoText& text, Metadata* metadata, std::vector<std::string>* losses) {
  if (!text.keyword.starts_with(kKeyword)) return false;
  const std::string_view type = std::string_view(text.keyword).substr(kKeyword.size());
  const std::vector<std::byte> bytes = BytesOf(text.text);
  if (bytes.empty()) return false;
  if (type == "iptc" || type == "8bim") {
    ReadResources(bytes, metadata, losses);
  } else if (HasTextAt(bytes, 0, kXmpPrefix)) {
    SetIfEmpty(Bytes(bytes).subspan(kXmpPrefix.size()), &metadata->xmp);
  } else if (type == "xmp") {
    SetIfEmpty(bytes, &metadata->xmp);
  } else if (type == "exif" || type == "APP1") {
    SetIfEmpty(WithoutExifPrefix(bytes), &metadata->exif);
  } else if (type == "icc" || type == "icm") {
    SetIfEmpty(bytes, &metadata->icc);
  } else {
    return false;
  }
  return true;
}

std::vector<std::byte> RawProfileOf(Bytes resources) {
  constexpr std::size_t kBytesInLine = 36;
  std::string text = fmt::format("\niptc\n{:8}", resources.size());
  for (std::size_t i = 0; i < resources.size(); ++i) {
    if (i % kBytesInLine == 0) text += '\n';
    text += fmt::format("{:02x}", std::to_integer<unsigned>(resources[i]));
  }
  text += '\n';
  std::vector<std::byte> content;
  Append("Raw profile type iptc\0\0"sv, &content);
  Append(Deflate(AsBytes(text)), &content);
  return content;
}

}  // namespace gpen::codec
