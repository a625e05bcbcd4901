// PlacedFile: a photo or a result where it lies now, for reading.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace gpen::photos {

/// Where other people write too, `path` leads through the open folder, so that no link which
/// somebody puts into the tree meanwhile is followed.
struct PlacedFile {
  std::shared_ptr<const Descriptor> folder;  ///< Keep it as long as the path is used.
  std::filesystem::path path;
};

/// Opens it for reading; a link in its place is not followed, a pipe not waited for. Errors:
/// kNotFound.
Result<Descriptor> OpenPlaced(const PlacedFile& file);

/// Its bytes. Errors: as OpenPlaced(), those of ReadOpenFile().
Result<std::vector<std::byte>> ReadPlaced(const PlacedFile& file, std::int64_t max_bytes);

}  // namespace gpen::photos
