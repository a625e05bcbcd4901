#include "watch/watched_root.h"

#include <fmt/format.h>

#include "base/file_system.h"
#include "watch/beneath.h"

namespace gpen::watch {

Result<WatchedRoot> WatchedRoot::Open(const std::filesystem::path& path) {
  GPEN_ASSIGN_OR_RETURN(Descriptor folder, OpenRoot(path));
  const auto magic = FileSystemMagic(fmt::format("/proc/self/fd/{}", folder.get()));
  const bool is_network = magic && (!NetworkFileSystemName(*magic).empty() || *magic == kFuseMagic);
  return WatchedRoot(std::move(folder), is_network);
}

}  // namespace gpen::watch
