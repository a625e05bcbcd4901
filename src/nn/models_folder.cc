#include "nn/models_folder.h"

#include <cstdlib>

#include "base/program_path.h"
#include "base/source_folder.h"

namespace gpen::nn {

std::filesystem::path FindModelsFolder(const std::filesystem::path& chosen) {
  if (!chosen.empty()) return chosen;
  if (const char* folder = std::getenv("GPEN_MODELS"); folder != nullptr && *folder != '\0') {
    return folder;
  }
  std::error_code error;
  auto installed = ProgramPath().parent_path().parent_path() / "share" / "gpen" / "models";
  if (std::filesystem::is_directory(installed, error)) return installed;
  return SourceFolder() / "models";
}

}  // namespace gpen::nn
