#include "codec/photo.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace gpen::codec {
namespace {

struct FormatName {
  Format format;
  std::string_view name;
  std::string_view extension;
};

constexpr std::array<FormatName, 6> kNames = {{{Format::kJpeg, "jpeg", ".jpg"},
                                               {Format::kPng, "png", ".png"},
                                               {Format::kWebp, "webp", ".webp"},
                                               {Format::kTiff, "tiff", ".tif"},
                                               {Format::kHeic, "heic", ".heic"},
                                               {Format::kAvif, "avif", ".avif"}}};

struct Alias {
  std::string_view name;
  Format format;
};

constexpr std::array<Alias, 9> kAliases = {{{"jpg", Format::kJpeg},
                                            {"jpe", Format::kJpeg},
                                            {"jfif", Format::kJpeg},
                                            {"tif", Format::kTiff},
                                            {"heif", Format::kHeic},
                                            {"hif", Format::kHeic},
                                            {"heics", Format::kHeic},
                                            {"heifs", Format::kHeic},
                                            {"avifs", Format::kAvif}}};

const FormatName& RowOf(Format format) {
  return *std::find_if(kNames.begin(), kNames.end(),
                       [format](const FormatName& row) { return row.format == format; });
}

}  // namespace

std::string_view NameOf(Format format) { return RowOf(format).name; }

std::string_view ExtensionOf(Format format) { return RowOf(format).extension; }

std::optional<Format> FormatFromName(std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const FormatName& row : kNames) {
    if (row.name == lower) return row.format;
  }
  for (const Alias& alias : kAliases) {
    if (alias.name == lower) return alias.format;
  }
  return std::nullopt;
}

}  // namespace gpen::codec
