// The program's name and version, as it signs its work.
#pragma once

#include <string_view>

namespace gpen {

inline constexpr std::string_view kVersion = GPEN_VERSION;
inline constexpr std::string_view kSoftwareName = "GPEN-NAS " GPEN_VERSION;

}  // namespace gpen
