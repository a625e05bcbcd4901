// The checkout that the program was built in. An installed program must not need it.
#pragma once

#include <filesystem>

namespace gpen {

/// The nearest folder above the program that holds a checkout; empty where there is none. Found at
/// run time, so that no path of the machine that built the program is in it.
std::filesystem::path SourceFolder();

}  // namespace gpen
