#include "codec/library_versions.h"

#include <fmt/format.h>
#include <lcms2.h>
#include <libheif/heif.h>
#include <vips/vips.h>

namespace gpen::codec {

std::vector<std::string> LibraryVersions() {
  const int lcms = cmsGetEncodedCMMversion();
  return {fmt::format("libvips {}", vips_version_string()),
          fmt::format("libheif {}", heif_get_version()),
          fmt::format("lcms2 {}.{}", lcms / 1000, lcms % 1000 / 10)};
}

}  // namespace gpen::codec
