#include "base/rename.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace gpen {
namespace {

// What a kernel, a file system or a container's filter answers to what it does not know.
bool IsLacking(int error_number) {
  return error_number == ENOSYS || error_number == EINVAL || error_number == EOPNOTSUPP ||
         error_number == EPERM;
}

int RenameByLink(int from_folder, const char* from, int to_folder, const char* to) {
  if (::linkat(from_folder, from, to_folder, to, 0) != 0) return errno;
  if (::unlinkat(from_folder, from, 0) == 0) return 0;
  const int failed = errno;
  ::unlinkat(to_folder, to, 0);
  return failed;
}

int RenameByReservation(int from_folder, const char* from, int to_folder, const char* to) {
  const int reserved = ::openat(to_folder, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (reserved < 0) return errno;
  ::close(reserved);
  if (::renameat(from_folder, from, to_folder, to) == 0) return 0;
  const int failed = errno;
  ::unlinkat(to_folder, to, 0);
  return failed;
}

}  // namespace

int RenameWithoutReplacing(int from_folder, const std::string& from, int to_folder,
                           const std::string& to) {
  if (::renameat2(from_folder, from.c_str(), to_folder, to.c_str(), RENAME_NOREPLACE) == 0) {
    return 0;
  }
  if (!IsLacking(errno)) return errno;
  const int linked = RenameByLink(from_folder, from.c_str(), to_folder, to.c_str());
  if (!IsLacking(linked)) return linked;
  return RenameByReservation(from_folder, from.c_str(), to_folder, to.c_str());
}

}  // namespace gpen
