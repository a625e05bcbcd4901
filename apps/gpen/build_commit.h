// Which commit the program was built from.
#pragma once

#include <string_view>

namespace gpen::app {

/// Abbreviated; empty where it was not built from a checkout.
std::string_view BuildCommit();

}  // namespace gpen::app
