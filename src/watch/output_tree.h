// OutputTree: where a photo's result goes, and how it gets there: whole or not at all, with the
// photo's owner, mode and date, once, and never over a file that is not ours.
//
// The ledger remembers each result with its identity: one that somebody changed since is theirs,
// and a new result then takes the next free name. Thread-safe as far as one photo is written by one
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"
#include "watch/ledger.h"
#include "watch/watch_folder.h"
#include "watch/watched_root.h"

namespace gpen::watch {

/// A photo's result, ready to be written.
struct NewResult {
  std::span<const std::byte> bytes;
  std::string sha256;      ///< Of `bytes`.
  std::string of_sha256;   ///< Of the photo.
  std::string result_key;  ///< See WatchedFile.
  /// With its dot, where the format is not the photo's: "a.heic" becomes "a.jpg".
  std::string extension;
};

class OutputTree {
 public:
  /// Both must outlive this.
  OutputTree(const WatchFolder* folder, Ledger* ledger) : folder_(folder), ledger_(ledger) {}

  /// The folder that results' paths are relative to. `root` is here and below the watched folder.
  /// Creates another root where its parent exists. Errors: kUnavailable (not there, or no longer
  /// mounted).
  Result<Descriptor> OpenBase(const WatchedRoot& root) const;

  /// Whether a result of `bytes` for the photo at `path` could be put in place: space, the number
  /// of files, permission. Creates nothing but the output's root. Errors: kUnavailable.
  Result<void> CheckRoom(const WatchedRoot& root, const std::string& path,
                         std::int64_t bytes) const;

  /// Puts the result of `file` in place and stores the row as done. Repeated after a crash, it
  /// finds what was done. Errors: kConflict (the photo changed meanwhile: nothing was written),
  /// kNotFound (it went away), kUnavailable (disk full...).
  Result<void> Deliver(const WatchedRoot& root, WatchedFile file, const NewResult& result) const;

  /// True if the result is on disk as we wrote it.
  Result<bool> IsIntact(const WatchedRoot& root, const WrittenFile& written) const;

  /// Its bytes. Errors: kNotFound, kConflict (not as we wrote it), kUnavailable.
  Result<std::vector<std::byte>> Read(const WatchedRoot& root, const WrittenFile& written) const;

  /// After a crash between the intention and the row: `file` then says what is in place, and true
  /// is returned if that is the result of its present content. The row is not stored.
  Result<bool> TakeIntended(const WatchedRoot& root, WatchedFile* file) const;

  /// Moves the result of a photo that was renamed from `before` to `after`; where the result is not
  /// as we wrote it, it stays. The row of `before` goes on with the path and identity of `after`,
  /// whose own is erased.
  Result<void> Follow(const WatchedRoot& root, const WatchedFile& before,
                      const WatchedFile& after) const;

  /// Removes what a killed process left half written beside the result of `path`. Not while one of
  /// our own may be writing there.
  void RemoveHalfWritten(const WatchedRoot& root, const std::string& path) const;

  /// Absolute path of a result, for people and for reading.
  std::filesystem::path Absolute(const WrittenFile& written) const;

 private:
  std::string FolderFor(const std::string& path) const;
  /// Opens the result's folder, creating what is missing like the photo's folders.
  Result<Descriptor> MakeFolder(const WatchedRoot& root, int base, const std::string& path) const;
  Result<bool> Write(const WatchedRoot& root, int base, WatchedFile* file,
                     const std::string& target, const NewResult& result, bool replace) const;

  const WatchFolder* folder_;
  Ledger* ledger_;
};

/// Names for the result of the photo `name`, the best first: `attempt` counts from 0. At most 255
/// bytes long.
std::string ResultNameFor(const std::string& name, const std::string& extension, int attempt);

}  // namespace gpen::watch
