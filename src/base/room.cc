#include "base/room.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace gpen {
namespace {

constexpr unsigned kLeastFiles = 32;  // A photo makes a handful, and the queue some.

// A file without a name, where the file system has such: nobody sees it, and it goes by itself.
std::string TryToMakeOne(int folder, std::int64_t bytes) {
  const Descriptor file(::openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (!file.is_open()) {
    const bool has_none =
        errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT;
    return has_none ? "" : std::strerror(errno);
  }
  // Finds quotas. Where it is not supported, writing will tell.
  const bool is_full = bytes > 0 && ::fallocate(file.get(), 0, 0, bytes) != 0 &&
                       (errno == ENOSPC || errno == EDQUOT);
  return is_full ? std::strerror(errno) : "";
}

template <typename Ask>
std::string AskFolder(const std::filesystem::path& folder, const Ask& ask) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return open.is_open() ? ask(open.get()) : std::strerror(errno);
}

}  // namespace

std::string WhyNoRoom(int folder, const NewFile& file) {
  if (::faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) != 0) return std::strerror(errno);
  struct statvfs space = {};
  if (::fstatvfs(folder, &space) != 0) return {};
  const auto available = static_cast<std::int64_t>(space.f_bavail * space.f_frsize);
  // Some shares do not tell how much is free, and some file systems have no number of files.
  if (space.f_blocks > 0 && available < file.bytes + file.reserve) {
    return fmt::format("the disk is nearly full: {} MB are free, {} MB of them stay reserved",
                       available >> 20, file.reserve >> 20);
  }
  if (space.f_files > 0 && space.f_favail < kLeastFiles) {
    return fmt::format("the disk takes no more files (its {} inodes are used up)", space.f_files);
  }
  return {};
}

std::string WhyNoRoom(const std::filesystem::path& folder, const NewFile& file) {
  return AskFolder(folder, [&](int open) { return WhyNoRoom(open, file); });
}

std::string WhyNoNewFile(int folder, const NewFile& file) {
  auto why = WhyNoRoom(folder, file);
  return why.empty() ? TryToMakeOne(folder, file.bytes) : why;
}

std::string WhyNoNewFile(const std::filesystem::path& folder, const NewFile& file) {
  return AskFolder(folder, [&](int open) { return WhyNoNewFile(open, file); });
}

}  // namespace gpen
