// Files as the service stores them: its own user alone reads them, whole or not there.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "base/result.h"

namespace gpen::photos {

/// Errors: those of AtomicFile.
Result<void> WritePrivately(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// A file that is not there is no error. Errors: kUnavailable.
Result<void> RemoveStored(const std::filesystem::path& path);

}  // namespace gpen::photos
