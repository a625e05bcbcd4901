// `gpen faces`: finds the faces in photos, and cuts aligned ones out, for training.
#pragma once

#include <CLI/App.hpp>

#include "base/error_table.h"

namespace gpen::app {

/// Adds the subcommand. It sets `exit_code`: kSomeFailed where a photo could not be read,
/// kNothingToDo where no face was kept.
void AddFacesCommand(CLI::App* app, ExitCode* exit_code);

}  // namespace gpen::app
