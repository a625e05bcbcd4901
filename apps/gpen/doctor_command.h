// `gpen doctor`: everything that a bug report needs.
#pragma once

#include <CLI/App.hpp>

#include "base/error_table.h"

namespace gpen::app {

/// Adds the subcommand. It sets `exit_code`: kSomeFailed where a model is missing or damaged.
void AddDoctorCommand(CLI::App* app, ExitCode* exit_code);

}  // namespace gpen::app
