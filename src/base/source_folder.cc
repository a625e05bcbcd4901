#include "base/source_folder.h"

namespace gpen {

std::filesystem::path SourceFolder() { return GPEN_SOURCE_DIR; }

}  // namespace gpen
