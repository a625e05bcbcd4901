#include "webui/assets.h"

#include <cstddef>
#include <vector>

// The assembler copies the file: compiling an array of that size would take far longer.
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    ".global gpen_webui_pack\n"
    "gpen_webui_pack:\n"
    ".incbin \"" GPEN_WEBUI_PACK
    "\"\n"
    ".previous\n");
extern "C" const char gpen_webui_pack[];

namespace gpen::webui {
namespace {

// A row of the table that webui/scripts/build.mjs writes.
struct Place {
  std::string_view path;
  std::string_view content_type;
  std::string_view etag;
  bool immutable;
  std::size_t plain_offset;
  std::size_t plain_size;
  std::size_t gzip_offset;
  std::size_t gzip_size;
};

constexpr Place kPlaces[] = {
#include GPEN_WEBUI_TABLE
};

std::vector<Asset> MakeAssets() {
  std::vector<Asset> assets;
  for (const auto& place : kPlaces) {
    assets.push_back({place.path, place.content_type, place.etag, place.immutable,
                      std::string_view(gpen_webui_pack + place.plain_offset, place.plain_size),
                      std::string_view(gpen_webui_pack + place.gzip_offset, place.gzip_size)});
  }
  return assets;
}

}  // namespace

std::span<const Asset> Assets() {
  static const std::vector<Asset> assets = MakeAssets();
  return assets;
}

}  // namespace gpen::webui
