// Whether there is room for a new file, asked before work is done that would be thrown away: bytes,
// the number of files, permission, quotas. Nothing is left behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace gpen {

struct NewFile {
  std::int64_t bytes = 0;
  std::int64_t reserve = 0;  ///< That stays free.
};

/// Why `file` would find no room in the open folder `folder`, as far as looking tells: "Read-only
/// file system", "the disk takes no more files"; empty where nothing is in the way. What the file
/// system does not tell is no reason. Wakes no disk.
std::string WhyNoRoom(int folder, const NewFile& file);
std::string WhyNoRoom(const std::filesystem::path& folder, const NewFile& file);

/// The same by trying, which finds quotas and what protects a folder otherwise.
std::string WhyNoNewFile(int folder, const NewFile& file);
std::string WhyNoNewFile(const std::filesystem::path& folder, const NewFile& file);

}  // namespace gpen
