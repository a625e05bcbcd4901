// `gpen restore`: photos and folders in, restored photos out.
#pragma once

#include <CLI/App.hpp>

#include "base/error_table.h"

namespace gpen::app {

/// Adds the subcommand, which sets `exit_code` when it runs.
void AddRestoreCommand(CLI::App* app, ExitCode* exit_code);

}  // namespace gpen::app
