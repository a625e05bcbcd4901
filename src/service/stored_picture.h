// Pictures as the service stores and shows them: files that its own user alone reads, whole or not there.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "codec/limits.h"
#include "codec/photo.h"

namespace gpen::service {

/// Errors: those of AtomicFile.
Result<void> WritePrivately(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// A file that is not there is no error. Errors: kUnavailable.
Result<void> RemoveStored(const std::filesystem::path& path);

/// The photo as a JPEG that every browser shows: its colours right, but not the place where it was
/// taken. Errors: those of codec::Encode.
Result<std::vector<std::byte>> EncodeForBrowsers(codec::Photo photo, int quality);

/// Writes a small JPEG of the photo `file`, at most 512 pixels a side and without the place where it
/// was taken. Errors: those of codec::Decode, codec::Encode and AtomicFile.
Result<void> WriteThumbnail(std::span<const std::byte> file, const codec::Limits& limits,
                            const std::filesystem::path& path);

}  // namespace gpen::service
