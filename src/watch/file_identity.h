// FileIdentity: what stat() says of a file that tells one content from another without reading it.
#pragma once

#include <sys/stat.h>

#include <cstdint>

namespace gpen::watch {

struct FileIdentity {
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;  ///< Nobody can set it; renames and permissions change it too.
  std::int64_t inode = 0;

  /// Nothing at all happened to the file in between.
  bool operator==(const FileIdentity&) const = default;
};

/// The same content, as far as stat() tells. Inodes do not count where a file system makes them up
/// anew at every mount.
inline bool SameContent(const FileIdentity& a, const FileIdentity& b, bool inodes_are_stable) {
  return a.size == b.size && a.mtime_ns == b.mtime_ns && (a.inode == b.inode || !inodes_are_stable);
}

/// SameContent() for a file that we wrote: the time may have been rounded, as FAT does to 2
/// seconds.
inline bool SameWritten(const FileIdentity& a, const FileIdentity& b, bool inodes_are_stable) {
  const std::int64_t difference = a.mtime_ns - b.mtime_ns;
  return a.size == b.size && difference <= 2'000'000'000 && difference >= -2'000'000'000 &&
         (a.inode == b.inode || !inodes_are_stable);
}

inline std::int64_t Nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

inline FileIdentity IdentityOf(const struct stat& status) {
  return {status.st_size, Nanoseconds(status.st_mtim), Nanoseconds(status.st_ctim),
          static_cast<std::int64_t>(status.st_ino)};
}

}  // namespace gpen::watch
