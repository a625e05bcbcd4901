// What kind of file system a folder lies on: local, or one that is shared over a network, where
// locks, shared memory and notices of change do not reach.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace gpen {

/// The statfs() magic of the file system at `folder`. Errors: kNotFound, kUnavailable.
Result<std::int64_t> FileSystemMagic(const std::filesystem::path& folder);

/// Of FUSE, which may be local (a pool of disks) or not.
inline constexpr std::int64_t kFuseMagic = 0x65735546;

/// Name of the network file system with this magic; empty for a local one and for FUSE.
std::string_view NetworkFileSystemName(std::int64_t magic);

}  // namespace gpen
