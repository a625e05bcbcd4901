// The pipeline with the models of the tree.
#pragma once

#include <memory>

#include "restore/photo_restorer.h"

namespace gpen {

/// On two threads. Throws std::runtime_error with the reason where it cannot be loaded.
std::unique_ptr<restore::PhotoRestorer> LoadRestorer();

}  // namespace gpen
