#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace gpen {
namespace {

namespace fs = std::filesystem;

Error SystemError(std::string_view what, const fs::path& path, int error_number) {
  const auto code = error_number == ENOENT                               ? ErrorCode::kNotFound
                    : error_number == EISDIR || error_number == ENOTDIR ? ErrorCode::kInvalidArgument
                                                                         : ErrorCode::kUnavailable;
  return Error(code, fmt::format("cannot {} {}: {}", what, path.string(),
                                 std::strerror(error_number)));
}

// Closes on every way out of a function.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<void> SyncFolder(const fs::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some network file systems do not sync folders: EINVAL there is not a failure of the write.
  if (fd.get() < 0 || (::fsync(fd.get()) != 0 && errno != EINVAL)) {
    return SystemError("sync the folder", folder, errno);
  }
  return {};
}

fs::path FolderOf(const fs::path& target) {
  return target.has_parent_path() ? target.parent_path() : fs::path(".");
}

}  // namespace

Result<std::vector<std::byte>> ReadFile(const fs::path& path, std::int64_t max_bytes) {
  // O_NONBLOCK: opening a FIFO must not hang before fstat can refuse it.
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return SystemError("read", path, errno);
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return SystemError("read", path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("cannot read {}: expected a file, found {}", path.string(),
                             S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe"));
  }
  if (status.st_size > max_bytes) {
    return Error(ErrorCode::kImageTooLarge,
                 fmt::format("{} has {} bytes, the limit is {}", path.string(), status.st_size,
                             max_bytes));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(fd.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("read", path, errno);
    if (n == 0) break;  // Shrunk while we read: what is left decides.
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

AtomicFile::AtomicFile(fs::path target, fs::path temporary, int descriptor)
    : target_(std::move(target)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {
  other.temporary_.clear();
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<AtomicFile> AtomicFile::Create(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  const fs::path folder = FolderOf(target);
  // The name is short whatever the target's is: long names are at the file system's limit already.
  for (int attempt = 0; attempt < 100; ++attempt) {
    fs::path temporary = folder / fmt::format(".gpen-{}-{}.tmp", ::getpid(), counter++);
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) return AtomicFile(target, std::move(temporary), fd);
    if (errno != EEXIST) return SystemError("create a file in", folder, errno);
  }
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot create a temporary file in {}", folder.string()));
}

Result<void> AtomicFile::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("write", target_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> AtomicFile::SetMode(unsigned mode) {
  if (::fchmod(descriptor_, mode & 07777U) != 0) {
    return SystemError("set the permissions of", target_, errno);
  }
  return {};
}

Result<void> AtomicFile::Commit(IfExists if_exists) {
  if (::fsync(descriptor_) != 0) return SystemError("write", target_, errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) return SystemError("write", target_, errno);
  if (if_exists == IfExists::kFail) {
    // link() fails where the target exists, atomically; rename() would replace it.
    if (::link(temporary_.c_str(), target_.c_str()) == 0) {
      ::unlink(temporary_.c_str());
    } else if (errno == EEXIST) {
      return Error(ErrorCode::kConflict,
                   fmt::format("{} exists already and is not overwritten", target_.string()));
    } else if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS) {
      // File systems without hard links (exFAT, some shares): check, then rename.
      if (::access(target_.c_str(), F_OK) == 0) {
        return Error(ErrorCode::kConflict,
                     fmt::format("{} exists already and is not overwritten", target_.string()));
      }
      if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
        return SystemError("write", target_, errno);
      }
    } else {
      return SystemError("write", target_, errno);
    }
  } else if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    return SystemError("write", target_, errno);
  }
  temporary_.clear();
  return SyncFolder(FolderOf(target_));
}

Result<void> WriteFileAtomically(const fs::path& target, std::span<const std::byte> bytes,
                                 AtomicFile::IfExists if_exists) {
  GPEN_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(target));
  GPEN_TRY(file.Write(bytes));
  return file.Commit(if_exists);
}

}  // namespace gpen
