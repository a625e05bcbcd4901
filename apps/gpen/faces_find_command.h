// `gpen faces find`: which faces photos hold, and where; nothing is restored.
#pragma once

#include <CLI/App.hpp>

#include "base/error_table.h"

namespace gpen::app {

/// Adds the subcommand to `faces`. It sets `exit_code`: kSomeFailed where a photo could not be
/// read, kNothingToDo where no photo has a face.
void AddFacesFindCommand(CLI::App* faces, ExitCode* exit_code);

}  // namespace gpen::app
