// The checkout that the program was built from. An installed program must not need it.
#pragma once

#include <filesystem>

namespace gpen {

std::filesystem::path SourceFolder();

}  // namespace gpen
