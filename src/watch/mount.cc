#include "watch/mount.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

namespace gpen::watch {

bool IsMountRoot(int folder) {
  struct statx status = {};
  if (::statx(folder, "", AT_EMPTY_PATH, STATX_INO, &status) == 0 &&
      (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0) {
    return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  }
  struct stat here = {};
  struct stat above = {};
  if (::fstat(folder, &here) != 0 || ::fstatat(folder, "..", &above, 0) != 0) return false;
  return here.st_dev != above.st_dev || here.st_ino == above.st_ino;
}

bool IsEmptyFolder(int folder) {
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = copy >= 0 ? ::fdopendir(copy) : nullptr;
  if (stream == nullptr) {
    if (copy >= 0) ::close(copy);
    return false;
  }
  bool empty = true;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    empty = false;
    break;
  }
  ::closedir(stream);
  return empty;
}

}  // namespace gpen::watch
