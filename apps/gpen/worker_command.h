// `gpen worker`: restores photos for a queue of Celery.
#pragma once

#include <CLI/App.hpp>

#include "base/error_table.h"

namespace gpen::app {

/// Adds the subcommand, which runs until it is interrupted.
void AddWorkerCommand(CLI::App* app, ExitCode* exit_code);

}  // namespace gpen::app
