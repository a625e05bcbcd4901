#include "photos/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/folder.h"
#include "base/rename.h"
#include "base/room.h"

namespace gpen::photos {
namespace {

namespace fs = std::filesystem;

Error FolderError(const fs::path& folder, int error_number) {
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot use the data folder {}: {}; choose another with --data-dir",
                           folder.string(), std::strerror(error_number)));
}

Result<void> MakeFolder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return FolderError(folder, errno);
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  return FolderError(folder, error ? error.value() : ENOTDIR);
}

// Files of AtomicFile whose process was killed before it could finish or remove them.
void RemoveHalfWritten(const fs::path& folder) {
  for (const auto& entry : EntriesOf(folder)) {
    const auto name = entry.path().filename().string();
    std::error_code ignored;
    if (name.starts_with(".gpen-") && name.ends_with(".tmp")) fs::remove(entry.path(), ignored);
  }
}

}  // namespace

Result<DataFolder> DataFolder::Open(const fs::path& root, std::int64_t disk_reserve_bytes) {
  std::error_code error;
  const auto absolute = fs::absolute(root, error);
  if (absolute.has_parent_path()) fs::create_directories(absolute.parent_path(), error);
  GPEN_TRY(MakeFolder(absolute));
  const int lock = ::open((absolute / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return FolderError(absolute, errno);
  DataFolder folder(absolute, disk_reserve_bytes, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return Error(
        ErrorCode::kConflict,
        fmt::format("the data folder {} is in use by another gpen serve: stop it, or choose "
                    "another folder with --data-dir",
                    absolute.string()));
  }
  for (const auto* name : {"uploads", "outputs", "thumbnails", "faces", "backups"}) {
    GPEN_TRY(MakeFolder(absolute / name));
    RemoveHalfWritten(absolute / name);
  }
  return folder;
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : root_(std::move(other.root_)),
      disk_reserve_bytes_(other.disk_reserve_bytes_),
      lock_(std::exchange(other.lock_, -1)) {}

DataFolder::~DataFolder() {
  if (lock_ >= 0) ::close(lock_);
}

std::int64_t DataFolder::CountPhotos() const {
  std::int64_t photos = 0;
  for (const auto& folder : {Upload(""), Output("")}) {
    for (const auto& entry : EntriesOf(folder)) {
      std::error_code failed;
      if (IsPlainFileName(entry.path().filename().string()) && entry.is_regular_file(failed)) {
        ++photos;
      }
    }
  }
  return photos;
}

Result<void> DataFolder::SetAside(const fs::path& file) const {
  GPEN_TRY(MakeFolder(lost()));
  const fs::path folder = lost() / file.parent_path().filename();
  GPEN_TRY(MakeFolder(folder));
  const auto stem = file.stem().string();
  const auto extension = file.extension().string();
  for (int copy = 1;; ++copy) {
    const fs::path to = folder / (copy == 1 ? file.filename().string()
                                            : fmt::format("{}-{}{}", stem, copy, extension));
    const int error = RenameWithoutReplacing(AT_FDCWD, file.string(), AT_FDCWD, to.string());
    if (error == 0) return {};
    if (error != EEXIST) {
      return Error(ErrorCode::kUnavailable, fmt::format("cannot move {} to {}: {}", file.string(),
                                                        folder.string(), std::strerror(error)));
    }
  }
}

Result<void> DataFolder::CheckSpace(std::int64_t bytes) const {
  const auto why = WhyNoRoom(root_, {bytes, disk_reserve_bytes_});
  if (why.empty()) return {};
  return Error(ErrorCode::kUnavailable, fmt::format("{}; delete something, then try again", why));
}

template <typename Ask>
Result<void> DataFolder::AskFolders(const Ask& why_not, std::int64_t bytes) const {
  for (const auto& folder : {Output(""), Thumbnail(""), Faces("")}) {
    const auto why = why_not(folder, {bytes, disk_reserve_bytes_});
    if (why.empty()) continue;
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot write to {}: {}; mend that, the work then goes on by itself",
                             folder.string(), why));
  }
  return {};
}

Result<void> DataFolder::CheckStorable() const {
  return AskFolders(
      [](const fs::path& folder, const NewFile& file) { return WhyNoRoom(folder, file); }, 0);
}

Result<void> DataFolder::TryStorable(std::int64_t bytes) const {
  return AskFolders(
      [](const fs::path& folder, const NewFile& file) { return WhyNoNewFile(folder, file); },
      bytes);
}

bool IsPlainFileName(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name.front() != '.' &&
         std::ranges::all_of(name, [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' ||
                  c == '_';
         });
}

}  // namespace gpen::photos
