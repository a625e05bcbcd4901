// Where the installed models lie.
#pragma once

#include <filesystem>

namespace gpen::nn {

/// The first of: `chosen` where not empty, the environment's GPEN_MODELS, share/gpen/models beside
/// the program's bin folder, the checkout that the program was built in. It need not exist:
/// loading a model says what is missing.
std::filesystem::path FindModelsFolder(const std::filesystem::path& chosen);

}  // namespace gpen::nn
