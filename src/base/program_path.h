// Where this program's file lies.
#pragma once

#include <filesystem>

namespace gpen {

/// Absolute; empty where the system does not tell (no /proc).
std::filesystem::path ProgramPath();

}  // namespace gpen
