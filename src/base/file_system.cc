#include "base/file_system.h"

#include <fmt/format.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace gpen {
namespace {

// From statfs(2) and linux/magic.h.
constexpr std::array<std::pair<std::int64_t, std::string_view>, 8> kNetworkFileSystems = {{
    {0x6969, "NFS"},
    {0x517B, "SMB"},
    {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},
    {0x01021997, "9P"},
    {0x00C36400, "Ceph"},
    {0x5346414F, "AFS"},
    {0x73757245, "Coda"},
}};

}  // namespace

Result<std::int64_t> FileSystemMagic(const std::filesystem::path& folder) {
  struct statfs status = {};
  if (::statfs(folder.c_str(), &status) != 0) {
    return Error(
        errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
        fmt::format("cannot use the folder {}: {}", folder.string(), std::strerror(errno)));
  }
  return static_cast<std::int64_t>(static_cast<std::uint32_t>(status.f_type));
}

std::string_view NetworkFileSystemName(std::int64_t magic) {
  for (const auto& [number, name] : kNetworkFileSystems) {
    if (number == magic) return name;
  }
  return {};
}

}  // namespace gpen
