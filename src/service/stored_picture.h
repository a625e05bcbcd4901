// Pictures as the service stores them: readable by its own user alone, whole or not there.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "base/result.h"
#include "codec/limits.h"

namespace gpen::service {

/// Errors: those of AtomicFile.
Result<void> WritePrivately(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Writes a small JPEG of the photo `file`, at most 512 pixels a side and without the place where it
/// was taken. Errors: those of codec::Decode, codec::Encode and AtomicFile.
Result<void> WriteThumbnail(std::span<const std::byte> file, const codec::Limits& limits,
                            const std::filesystem::path& path);

}  // namespace gpen::service
