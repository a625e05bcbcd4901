// Names that nobody can guess, for files and sessions.
#pragma once

#include <string>

namespace gpen {

/// 32 hexadecimal digits of the system's random source.
std::string RandomId();

}  // namespace gpen
