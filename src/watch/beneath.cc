#include "watch/beneath.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <limits>

#include "base/piecewise_read.h"
#include "base/sha256.h"

namespace gpen::watch {
namespace {

namespace fs = std::filesystem;

Error PathError(const fs::path& path, int error_number) {
  const std::string shown = PrintablePath(path.native());
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
      return Error(ErrorCode::kNotFound, fmt::format("{} is not there", shown));
    case EACCES:
    case EPERM:
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("cannot read {}: permission denied; give the user that runs the "
                               "service the right to read it",
                               shown));
    default:
      return Error(ErrorCode::kUnavailable,
                   fmt::format("cannot read {}: {}", shown, std::strerror(error_number)));
  }
}

}  // namespace

Result<Descriptor> OpenRoot(const fs::path& path) {
  Descriptor root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.is_open()) return PathError(path, errno);
  return root;
}

Result<Descriptor> OpenFolderBeneath(int root, const fs::path& relative) {
  Descriptor folder(::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return PathError(relative, errno);
  for (const auto& part : relative) {
    if (part == "..") return PathError(relative, ENOENT);
    if (part.empty() || part == ".") continue;
    Descriptor next(
        ::openat(folder.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.is_open()) return PathError(relative, errno);
    folder = std::move(next);
  }
  return folder;
}

Result<Descriptor> OpenFileBeneath(int root, const fs::path& relative) {
  GPEN_ASSIGN_OR_RETURN(const Descriptor folder, OpenFolderBeneath(root, relative.parent_path()));
  // O_NONBLOCK: opening a pipe must not hang.
  Descriptor file(::openat(folder.get(), relative.filename().c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return PathError(relative, errno);
  GPEN_ASSIGN_OR_RETURN(const struct stat status, StatusOf(file.get(), relative));
  if (!S_ISREG(status.st_mode)) return PathError(relative, ENOENT);
  return file;
}

Result<std::optional<FileIdentity>> LookBeneath(int root, const fs::path& relative) {
  const auto folder = OpenFolderBeneath(root, relative.parent_path());
  if (!folder) {
    if (folder.error().code() == ErrorCode::kNotFound) return std::optional<FileIdentity>();
    return folder.error();
  }
  struct stat status = {};
  if (::fstatat(folder->get(), relative.filename().c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<FileIdentity>();
    return PathError(relative, errno);
  }
  if (!S_ISREG(status.st_mode)) return std::optional<FileIdentity>();
  return std::optional(IdentityOf(status));
}

Result<struct stat> StatusOf(int descriptor, const fs::path& path) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) return PathError(path, errno);
  return status;
}

bool IsBeingWritten(int descriptor) {
  // A read lease is refused while the file is open for writing. Whoever opens it in the moment that
  // we hold the lease waits until we give it back; the signal that tells us of it goes to this
  // thread, where it is blocked, because its default action ends the process.
  sigset_t lease_signal;
  sigset_t before;
  sigemptyset(&lease_signal);
  sigaddset(&lease_signal, SIGIO);
  if (::pthread_sigmask(SIG_BLOCK, &lease_signal, &before) != 0) return false;
  const f_owner_ex owner = {F_OWNER_TID, ::gettid()};
  bool written = false;
  if (::fcntl(descriptor, F_SETOWN_EX, &owner) == 0) {
    if (::fcntl(descriptor, F_SETLEASE, F_RDLCK) == 0) {
      ::fcntl(descriptor, F_SETLEASE, F_UNLCK);
    } else {
      written = errno == EAGAIN;
    }
  }
  const timespec no_wait = {};
  while (::sigtimedwait(&lease_signal, nullptr, &no_wait) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return written;
}

Result<std::string> Sha256OfOpenFile(int descriptor, const fs::path& path) {
  Sha256Stream digest;
  const ReadPiece all =
      ReadInBlocks(descriptor, std::numeric_limits<std::size_t>::max(),
                   [&](std::span<const std::byte> block) { digest.Write(block); });
  if (all.error_number != 0) return PathError(path, all.error_number);
  return digest.Finish();
}

std::string PrintablePath(std::string_view path) {
  std::string text;
  for (std::size_t i = 0; i < path.size();) {
    const auto lead = static_cast<unsigned char>(path[i]);
    const std::size_t length = lead < 0x80U                    ? 1
                               : lead >= 0xC2U && lead < 0xE0U ? 2
                               : lead >= 0xE0U && lead < 0xF0U ? 3
                               : lead >= 0xF0U && lead < 0xF5U ? 4
                                                               : 0;
    bool good = length > 0 && i + length <= path.size() && lead >= 0x20 && lead != 0x7F;
    for (std::size_t j = 1; good && j < length; ++j) {
      good = (static_cast<unsigned char>(path[i + j]) & 0xC0U) == 0x80U;
    }
    text += good ? path.substr(i, length) : std::string_view("?");
    i += good ? length : 1;
  }
  return text;
}

}  // namespace gpen::watch
