// The manual page and the shells' completions, made from the same options that the program reads.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/error_table.h"

namespace gpen::app {

/// gpen(1) in roff.
std::string ManualPage(const CLI::App& app);

/// A script for "bash", "zsh" or "fish" that completes commands and options.
std::string Completion(const CLI::App& app, const std::string& shell);

/// `gpen help manual` and `gpen help completion SHELL`; `gpen help COMMAND` shows its help.
void AddHelpCommand(CLI::App* app, ExitCode* exit_code);

}  // namespace gpen::app
