// `gpen health`: asks the service on this machine whether it is well, for containers and scripts
// that have neither a shell nor curl.
#pragma once

#include <CLI/App.hpp>

#include "base/error_table.h"

namespace gpen::app {

/// Adds the subcommand. It succeeds where the service answers that it is well.
void AddHealthCommand(CLI::App* app, ExitCode* exit_code);

}  // namespace gpen::app
