// Text from elsewhere, names of files above all, as a terminal may be given it.
#pragma once

#include <string>
#include <string_view>

namespace gpen::app {

/// `text` with a "?" for every control character but the end of a line: some command a terminal.
std::string Printable(std::string_view text);

}  // namespace gpen::app
