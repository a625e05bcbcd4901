// The manual page, made from the same options that the program reads, and the command that shows
// it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/error_table.h"

namespace gpen::app {

/// gpen(1) in roff.
std::string ManualPage(const CLI::App& app);

/// `gpen help manual` and `gpen help completion SHELL`; `gpen help COMMAND` shows its help.
void AddHelpCommand(CLI::App* app, ExitCode* exit_code);

}  // namespace gpen::app
