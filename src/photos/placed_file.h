// PlacedFile: a photo or a result where it lies now, for reading.
#pragma once

#include <filesystem>
#include <memory>

#include "base/descriptor.h"

namespace gpen::photos {

/// Where other people write too, `path` leads through the open folder, so that no link which
/// somebody puts into the tree meanwhile is followed.
struct PlacedFile {
  std::shared_ptr<const Descriptor> folder;  ///< Keep it as long as the path is used.
  std::filesystem::path path;
};

}  // namespace gpen::photos
