#include "base/source_folder.h"

#include "base/program_path.h"

namespace gpen {

std::filesystem::path SourceFolder() {
  std::error_code error;
  for (auto folder = ProgramPath().parent_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "CMakePresets.json", error)) return folder;
  }
  return {};
}

}  // namespace gpen
