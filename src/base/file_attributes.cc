#include "base/file_attributes.h"

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

namespace gpen {
namespace {

constexpr const char* kAccessList = "system.posix_acl_access";

// Others belong to the system, as file capabilities and labels of SELinux do.
bool IsPersons(std::string_view name) {
  return name == kAccessList || name.starts_with("user.") || name.starts_with("system.nfs4_acl");
}

std::vector<char> ListAttributes(int file) {
  const ssize_t size = ::flistxattr(file, nullptr, 0);
  if (size <= 0) return {};
  std::vector<char> names(static_cast<std::size_t>(size));
  const ssize_t found = ::flistxattr(file, names.data(), names.size());
  names.resize(found > 0 ? static_cast<std::size_t>(found) : 0);
  return names;
}

void CopyAttribute(int from, int to, const char* name) {
  const ssize_t size = ::fgetxattr(from, name, nullptr, 0);
  if (size < 0) return;
  std::vector<char> value(static_cast<std::size_t>(size));
  const ssize_t found = ::fgetxattr(from, name, value.data(), value.size());
  if (found != size) return;
  [[maybe_unused]] const int set = ::fsetxattr(to, name, value.data(), value.size(), 0);
}

}  // namespace

void CopyOwnerAndMode(int from, int to) {
  struct stat like = {};
  if (::fstat(from, &like) != 0) return;
  // The owner first: giving a file away takes bits of its mode. The group alone may be allowed.
  if (::fchown(to, like.st_uid, like.st_gid) != 0) {
    [[maybe_unused]] const int group = ::fchown(to, static_cast<uid_t>(-1), like.st_gid);
  }
  [[maybe_unused]] const int mode = ::fchmod(to, like.st_mode & 0777U);
}

void CopyAttributes(int from, int to) {
  // A new file may have got the list that its folder has for new files.
  if (::fgetxattr(from, kAccessList, nullptr, 0) < 0 && errno == ENODATA) {
    [[maybe_unused]] const int removed = ::fremovexattr(to, kAccessList);
  }
  const std::vector<char> names = ListAttributes(from);
  for (std::size_t at = 0; at < names.size();) {
    const std::string name(names.data() + at);  // Each ends with a zero byte.
    if (IsPersons(name)) CopyAttribute(from, to, name.c_str());
    at += name.size() + 1;
  }
}

void CopyModificationTime(int from, int to) {
  struct stat like = {};
  if (::fstat(from, &like) != 0) return;
  const timespec times[2] = {{0, UTIME_OMIT}, like.st_mtim};
  [[maybe_unused]] const int set = ::futimens(to, times);
}

}  // namespace gpen
