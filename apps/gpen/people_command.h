// `gpen people`: who may use the service, for the owner of its machine.
#pragma once

#include <CLI/App.hpp>

#include "base/error_table.h"

namespace gpen::app {

/// Adds the subcommand, with its own: list, add, set, renew and remove. All work beside a running
/// service, which follows at once.
void AddPeopleCommand(CLI::App* app, ExitCode* exit_code);

}  // namespace gpen::app
