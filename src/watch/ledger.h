// Ledger: what was seen in watched folders and what became of it, durable, so that nothing is lost
// or done twice.
//
// One row for each path that was ever a photo; a row outlives its file, so that a share which was
// not there for a while is not taken for deleted photos. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/sqlite_database.h"
#include "watch/file_identity.h"

namespace gpen::watch {

using FileId = std::int64_t;

enum class FileState : std::uint8_t {
  kSettling,  ///< Seen; at `due` it is looked at again, and complete if nothing changed.
  kWaiting,   ///< Complete: is handed to the queue from `due` on.
  kQueued,    ///< A job of the queue.
  kDone,
  kFailed,   ///< Not tried again before the file changes.
  kSkipped,  ///< Needs no result: no face, a result of ours, cancelled.
  kMissing,  ///< Went away before it was done; goes on when it comes back.
};
inline constexpr int kFileStateCount = 7;

/// The file that was made for a photo.
struct WrittenFile {
  std::string path;  ///< Relative to the output's root; empty: none.
  FileIdentity identity;
  std::string sha256;
};

/// A result that is about to be put in place: after a crash the disk tells whether it was.
struct Intention {
  WrittenFile written;
  std::int64_t generation = 0;
  std::string sha256;
  std::string result_key;
};

struct WatchedFile {
  FileId id = 0;
  std::string folder;  ///< Name of the watched folder.
  std::string path;    ///< Relative, bytes of any encoding.
  FileIdentity identity;
  /// Grows with every change of the content: a job of an earlier one must not deliver.
  std::int64_t generation = 1;
  FileState state = FileState::kSettling;
  Timestamp due;
  std::int64_t job = 0;  ///< Queued: the job's id in the queue; 0 while it is being handed in.
  std::string message;   ///< Why it failed or was skipped.

  // Of the last content that was done; they stay while a new one waits.
  std::string sha256;      ///< Of the photo.
  std::string result_key;  ///< Equal keys: equal results.
  WrittenFile output;
  Intention intended;

  Timestamp gone_since;  ///< First seen without photo and result; the epoch: it was there.
};

struct FolderCounts {
  std::int64_t waiting = 0;  ///< Settling, waiting or queued.
  std::int64_t done = 0;     ///< Done or skipped.
  std::int64_t failed = 0;
};

/// What must be remembered of a folder to know a vanished mount.
struct FolderMemory {
  bool root_was_mount = false;
  bool output_existed = false;
  bool output_was_mount = false;
};

/// Errors of every operation: those of SqliteDatabase.
class Ledger {
 public:
  /// `alone` as in OpenDurableDatabase().
  static Result<std::unique_ptr<Ledger>> Open(const std::filesystem::path& file, const Clock& clock,
                                              bool alone = false);

  /// Random, made with the file: tells this ledger's rows from those of one that was deleted.
  const std::string& id() const { return id_; }

  /// Runs `work` as one transaction, which is rolled back where it fails. `work` may call the
  /// operations below.
  Result<void> InTransaction(const std::function<Result<void>()>& work);

  /// Notes that a file was met. True if there is something to do: it is new, changed or came back,
  /// and settles until `due`. `inodes_are_stable` as in SameContent().
  Result<bool> NoteSeen(const std::string& folder, const std::string& path,
                        const FileIdentity& identity, Timestamp due, bool inodes_are_stable);

  Result<std::optional<WatchedFile>> Find(FileId id);
  Result<std::optional<WatchedFile>> FindPath(const std::string& folder, const std::string& path);
  /// Rows of one state that are due, oldest first.
  Result<std::vector<WatchedFile>> Due(const std::string& folder, FileState state, int limit);
  /// When the next row of this state is due.
  Result<std::optional<Timestamp>> NextDue(const std::string& folder, FileState state);
  Result<std::vector<WatchedFile>> Queued(const std::string& folder);
  /// Whether a photo or a result of this size is known: only then is it worth while to hash.
  Result<bool> KnowsSize(const std::string& folder, std::int64_t size);
  /// Finished rows of the folder whose photo had this content.
  Result<std::vector<WatchedFile>> WithContent(const std::string& folder,
                                               const std::string& sha256);
  /// Rows of all folders whose result has this content.
  Result<std::vector<WatchedFile>> WithOutputContent(const std::string& sha256);
  /// Done rows of all folders with this key.
  Result<std::vector<WatchedFile>> WithResultKey(const std::string& key);
  /// The row that claims this output, if there is one.
  Result<std::optional<WatchedFile>> WithOutput(const std::string& folder,
                                                const std::string& output);

  /// Stores all of `file`, if its row is still of that generation: false if it is not.
  Result<bool> Update(const WatchedFile& file);
  Result<void> Erase(FileId id);
  /// Gives the row another path, which no other row of its folder has.
  Result<void> Rename(FileId id, const std::string& path);

  /// Rows that neither settle nor wait, with ids above `after`, by id.
  Result<std::vector<WatchedFile>> Finished(const std::string& folder, FileId after, int limit);
  /// Update() leaves `gone_since` alone.
  Result<void> SetGoneSince(FileId id, Timestamp since);

  Result<FolderCounts> Count(const std::string& folder);
  Result<std::int64_t> CountQueued(const std::string& folder);

  Result<FolderMemory> Recall(const std::string& folder);
  Result<void> Remember(const std::string& folder, const FolderMemory& memory);

 private:
  Ledger(std::unique_ptr<SqliteDatabase> database, const Clock& clock)
      : database_(std::move(database)), clock_(clock) {}

  Result<std::vector<WatchedFile>> Select(SqliteStatement statement);
  Result<std::optional<WatchedFile>> SelectOne(SqliteStatement statement);

  std::recursive_mutex mutex_;  // A transaction's work calls back.
  std::unique_ptr<SqliteDatabase> database_;
  const Clock& clock_;
  std::string id_;
};

}  // namespace gpen::watch
