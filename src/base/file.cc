#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/piecewise_read.h"
#include "base/rename.h"

namespace gpen {
namespace {

namespace fs = std::filesystem;

Error SystemError(std::string_view what, const fs::path& path, int error_number) {
  const auto code = error_number == ENOENT ? ErrorCode::kNotFound
                    : error_number == EISDIR || error_number == ENOTDIR
                        ? ErrorCode::kInvalidArgument
                        : ErrorCode::kUnavailable;
  return Error(code,
               fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error_number)));
}

fs::path FolderOf(const fs::path& target) {
  return target.has_parent_path() ? target.parent_path() : fs::path(".");
}

}  // namespace

Result<std::vector<std::byte>> ReadFile(const fs::path& path, std::int64_t max_bytes) {
  // O_NONBLOCK: opening a FIFO must not hang before fstat can refuse it.
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return SystemError("read", path, errno);
  return ReadOpenFile(fd.get(), path, max_bytes);
}

Result<std::vector<std::byte>> ReadOpenFile(int descriptor, const fs::path& path,
                                            std::int64_t max_bytes) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) return SystemError("read", path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("cannot read {}: expected a file, found {}", path.string(),
                             S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe"));
  }
  if (status.st_size > max_bytes) {
    return Error(ErrorCode::kImageTooLarge, fmt::format("{} has {} bytes, the limit is {}",
                                                        path.string(), status.st_size, max_bytes));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  const ReadPiece piece = ReadAt(descriptor, 0, bytes);
  if (piece.error_number != 0) return SystemError("read", path, piece.error_number);
  bytes.resize(piece.bytes);  // It may have shrunk while we read: what is left decides.
  return bytes;
}

AtomicFile::AtomicFile(fs::path target, Descriptor folder, std::string temporary, Descriptor file)
    : target_(std::move(target)),
      folder_(std::move(folder)),
      name_(target_.filename().string()),
      temporary_(std::move(temporary)),
      file_(std::move(file)) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : target_(std::move(other.target_)),
      folder_(std::move(other.folder_)),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)) {}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlinkat(folder_.get(), temporary_.c_str(), 0);
}

Result<AtomicFile> AtomicFile::Create(const fs::path& target) {
  const fs::path folder = FolderOf(target);
  Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open()) return SystemError("create a file in", folder, errno);
  return CreateIn(std::move(descriptor), target);
}

Result<AtomicFile> AtomicFile::CreateIn(Descriptor folder, const fs::path& target,
                                        std::string_view owner) {
  static std::atomic<unsigned> counter{0};
  // The name is short whatever the target's is: long names are at the file system's limit already.
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string temporary = fmt::format(".gpen-{}{}-{}.tmp", owner, ::getpid(), counter++);
    Descriptor file(
        ::openat(folder.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.is_open()) {
      return AtomicFile(target, std::move(folder), std::move(temporary), std::move(file));
    }
    if (errno != EEXIST) return SystemError("create a file in", FolderOf(target), errno);
  }
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot create a temporary file in {}", FolderOf(target).string()));
}

Result<void> AtomicFile::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("write", target_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

fs::path AtomicFile::temporary_path() const { return FolderOf(target_) / temporary_; }

Result<void> AtomicFile::SetMode(unsigned mode) {
  if (::fchmod(file_.get(), mode & 07777U) != 0) {
    return SystemError("set the permissions of", target_, errno);
  }
  return {};
}

Result<void> AtomicFile::Sync() {
  if (::fsync(file_.get()) != 0) return SystemError("write", target_, errno);
  return {};
}

Result<void> AtomicFile::CloseDurably() {
  GPEN_TRY(Sync());
  if (::close(file_.Release()) != 0) return SystemError("write", target_, errno);
  return {};
}

Result<void> AtomicFile::SyncFolder() {
  temporary_.clear();
  // Some network file systems do not sync folders: EINVAL there is not a failure of the write.
  if (::fsync(folder_.get()) != 0 && errno != EINVAL) {
    return SystemError("sync the folder", FolderOf(target_), errno);
  }
  return {};
}

Result<void> AtomicFile::Commit(IfExists if_exists) {
  GPEN_TRY(CloseDurably());
  GPEN_TRY(Publish(if_exists));
  return SyncFolder();
}

Result<void> AtomicFile::CommitKeeping(const std::string& backup) {
  GPEN_TRY(CloseDurably());
  GPEN_TRY(PublishKeeping(backup));
  return SyncFolder();
}

Result<void> AtomicFile::Publish(IfExists if_exists) {
  const int folder = folder_.get();
  int failed = 0;
  if (if_exists == IfExists::kFail) {
    failed = RenameWithoutReplacing(folder, temporary_, folder, name_);
  } else if (::renameat(folder, temporary_.c_str(), folder, name_.c_str()) != 0) {
    failed = errno;
  }
  if (failed == 0) return {};
  if (failed != EEXIST) return SystemError("write", target_, failed);
  return Error(ErrorCode::kConflict,
               fmt::format("{} exists already and is not overwritten", target_.string()));
}

Result<void> AtomicFile::PublishKeeping(const std::string& backup) {
  const int folder = folder_.get();
  // A link itself is kept, and not what it leads to. What cannot have a second name is renamed.
  const bool linked = ::linkat(folder, name_.c_str(), folder, backup.c_str(), 0) == 0;
  const int kept = linked            ? 0
                   : errno == EEXIST ? EEXIST
                                     : RenameWithoutReplacing(folder, name_, folder, backup);
  if (kept == EEXIST) {
    return Error(ErrorCode::kConflict, fmt::format("{} exists already and is not overwritten",
                                                   (FolderOf(target_) / backup).string()));
  }
  if (kept != 0) return SystemError("keep", target_, kept);
  int failed = 0;
  if (!linked) {
    failed = RenameWithoutReplacing(folder, temporary_, folder, name_);
  } else if (::renameat(folder, temporary_.c_str(), folder, name_.c_str()) != 0) {
    failed = errno;
  }
  if (failed == 0) return {};
  if (linked) {
    ::unlinkat(folder, backup.c_str(), 0);
  } else {
    RenameWithoutReplacing(folder, backup, folder, name_);
  }
  return SystemError("write", target_, failed);
}

Result<void> WriteFileAtomically(const fs::path& target, std::span<const std::byte> bytes,
                                 AtomicFile::IfExists if_exists) {
  GPEN_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(target));
  GPEN_TRY(file.Write(bytes));
  return file.Commit(if_exists);
}

}  // namespace gpen
