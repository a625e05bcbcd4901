// DataFolder: where the service keeps everything: uploads/, outputs/, thumbnails/, faces/
// (what the network made of each face), settings.json, people.json, speeds.json and gpen.db; in
// backups/ copies of gpen.db, in lost/ files of which no job speaks, in folders of the same names.
//
// Folders have mode 0700 and files 0600: photos of a household are nobody else's business.
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace gpen::photos {

class DataFolder {
 public:
  /// Creates what is missing, removes what a crash left half written, and locks the folder against
  /// a second service. Errors: kUnavailable, kConflict (in use).
  static Result<DataFolder> Open(const std::filesystem::path& root,
                                 std::int64_t disk_reserve_bytes);

  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  std::filesystem::path database() const { return root_ / "gpen.db"; }
  std::filesystem::path Upload(std::string_view name) const { return root_ / "uploads" / name; }
  std::filesystem::path Output(std::string_view name) const { return root_ / "outputs" / name; }
  std::filesystem::path Faces(std::string_view name) const { return root_ / "faces" / name; }
  /// Holds the identity of the queue whose jobs speak of these files.
  std::filesystem::path queue_identity() const { return root_ / "queue"; }
  std::filesystem::path backups() const { return root_ / "backups"; }
  std::filesystem::path lost() const { return root_ / "lost"; }
  std::filesystem::path settings() const { return root_ / "settings.json"; }
  /// Who may use the service.
  std::filesystem::path people() const { return root_ / "people.json"; }
  /// What the fans were set to before the service took them.
  std::filesystem::path fans() const { return root_ / "fans"; }
  /// What was learnt of this machine's speed.
  std::filesystem::path speeds() const { return root_ / "speeds.json"; }
  std::filesystem::path Thumbnail(std::string_view name) const {
    return root_ / "thumbnails" / name;
  }

  const std::filesystem::path& root() const { return root_; }

  /// How many photos lie in uploads/ and outputs/.
  std::int64_t CountPhotos() const;

  /// Moves `file` of one of the four folders to the folder of that name in lost/. Nothing there is
  /// replaced. Errors: kUnavailable.
  Result<void> SetAside(const std::filesystem::path& file) const;

  /// Whether a file of `bytes` more fits while the reserve stays free. Errors: kUnavailable.
  Result<void> CheckSpace(std::int64_t bytes) const;

  /// Whether results could be stored now, as far as looking tells: space, the number of files,
  /// folders that can be written to. Errors: kUnavailable.
  Result<void> CheckStorable() const;

  /// The same of a result of `bytes`, by trying. Errors: kUnavailable.
  Result<void> TryStorable(std::int64_t bytes) const;

 private:
  template <typename Ask>
  Result<void> AskFolders(const Ask& why_not, std::int64_t bytes) const;

  DataFolder(std::filesystem::path root, std::int64_t reserve, int lock)
      : root_(std::move(root)), disk_reserve_bytes_(reserve), lock_(lock) {}

  std::filesystem::path root_;
  std::int64_t disk_reserve_bytes_;
  int lock_;
};

/// True for a name that can be a file of ours: letters, digits, '.', '-', '_', not hidden.
bool IsPlainFileName(std::string_view name);

}  // namespace gpen::photos
