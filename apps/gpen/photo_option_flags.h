// The flags of the photo options, made from the table in restore/photo_options.h.
#pragma once

#include <CLI/CLI.hpp>

#include "restore/photo_options.h"

namespace gpen::app {

/// Adds a flag for each option that the command line may set. Parsing sets `options`, which must
/// outlive `command`, and ends with a usage error that says what was expected and found.
void AddPhotoOptionFlags(CLI::App* command, restore::PhotoOptions* options);

}  // namespace gpen::app
