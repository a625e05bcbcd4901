// FolderWatcher: finds finished photos in one folder and notes them in the ledger as waiting.
//
// Listens with inotify where the system gives notices, and looks at the whole tree at intervals
// where it does not. A photo is finished when it was closed, or has not changed for a while, and
// nobody has it open for writing. Round() belongs to one thread; Wake() and Status() to any.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "watch/inotify_tree.h"
#include "watch/ledger.h"
#include "watch/tree_walk.h"
#include "watch/watch_folder.h"
#include "watch/watched_root.h"

namespace gpen::watch {

enum class FolderState : std::uint8_t {
  kStarting,
  kWatching,     ///< The system tells of changes.
  kPolling,      ///< We look at intervals.
  kUnreachable,  ///< Not there, not mounted or not readable: nothing is done until it is.
};

/// "starting", "watching", ...: stable names.
std::string_view NameOf(FolderState state);

struct FolderStatus {
  FolderState state = FolderState::kStarting;
  std::string message;  ///< What a person should know; empty if all is well.
  std::int64_t scans = 0;
};

/// Whether the open file `descriptor` of `size` bytes still misses its end. This module knows
/// nothing of photos' formats: whoever watches says how it is told.
using CutShortCheck = std::function<bool(int descriptor, std::int64_t size)>;

class FolderWatcher {
 public:
  /// `ledger` and `clock` must outlive this.
  FolderWatcher(WatchFolder folder, Ledger* ledger, const Clock& clock,
                CutShortCheck looks_cut_short);

  /// Looks after the folder once: its root, a scan if one is due, notices of changes, photos that
  /// have settled. Waits for at most `wait` if there is nothing to do. Errors: the ledger's.
  Result<void> Round(Milliseconds wait, std::stop_token stop = {});

  /// Ends the waiting of Round().
  void Wake();

  FolderStatus Status() const;
  const WatchFolder& folder() const { return folder_; }
  /// Not open while it is unreachable. For Round()'s thread.
  const WatchedRoot& root() const { return root_; }

 private:
  Result<bool> CheckRoot();
  Result<bool> TakeRoot(WatchedRoot root);
  void StartListening();
  void Poll(const std::string& reason);
  void SetUnreachable(const std::string& message);
  void SetState(FolderState state, const std::string& message);

  Result<void> Scan(const std::string& start, std::stop_token stop);
  Result<void> TakeChanges(std::stop_token stop);
  Result<void> TakeFolder(const Change& change, std::stop_token stop);
  Result<void> NoteChanged(const std::vector<Change>& files);
  Result<void> LookAtSettling();
  Result<void> LookAtOne(WatchedFile file);
  bool IsWaitedFor(const WatchedFile& file, int descriptor);
  Timestamp DueOfUnheard(const FileIdentity& identity) const;
  Milliseconds Patience(Milliseconds wait);
  void Wait(Milliseconds wait);
  TreeWalkOptions WalkOptions() const;

  const WatchFolder folder_;
  Ledger* ledger_;
  const Clock& clock_;
  const CutShortCheck looks_cut_short_;
  const NameFilter filter_;
  Descriptor wake_;

  WatchedRoot root_;
  FileIdentity root_identity_;
  std::int64_t root_device_ = 0;
  std::optional<InotifyTree> inotify_;
  bool scan_due_ = true;
  Milliseconds next_scan_{0};  // Steady time.
  Milliseconds next_root_check_{0};
  struct CutShort {
    std::int64_t generation;
    Milliseconds since;  // Steady time.
  };
  std::map<FileId, CutShort> cut_short_;

  mutable std::mutex mutex_;  // Guards the one below.
  FolderStatus status_;
};

}  // namespace gpen::watch
