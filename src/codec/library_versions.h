// Versions of the libraries that read and write photos, for bug reports.
#pragma once

#include <string>
#include <vector>

namespace gpen::codec {

/// "libvips 8.14.1", "libheif 1.15.1", ...
std::vector<std::string> LibraryVersions();

}  // namespace gpen::codec
