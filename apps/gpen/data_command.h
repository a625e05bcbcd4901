// `gpen data`: what lies in the service's data folder, and the ways back when its database is lost.
#pragma once

#include <CLI/App.hpp>

#include "base/error_table.h"

namespace gpen::app {

/// Adds the subcommand, with its own: list, repair and restore. None runs beside a service.
void AddDataCommand(CLI::App* app, ExitCode* exit_code);

}  // namespace gpen::app
