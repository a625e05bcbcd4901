// WatchedFolders: the folders of the configuration, each with what watches it and what puts results
// into it. Shared by the feeder, the runs and the places.
//
// Thread-safe as far as its parts are: a folder's watcher belongs to the feeder's thread but for
// what says otherwise.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "watch/folder_view.h"
#include "watch/folder_watcher.h"
#include "watch/ledger.h"
#include "watch/output_tree.h"
#include "watch/photo_intake.h"
#include "watch/watched_root.h"
#include "watching/watch_settings.h"

namespace gpen::watching {

class WatchedFolder {
 public:
  /// Both must outlive this.
  WatchedFolder(const WatchSettings& chosen, watch::Ledger* ledger, const Clock& clock);

  const std::string& name() const { return settings.folder.name; }

  /// The root, opened anew for work in another thread than the watcher's. Errors: kUnavailable
  /// (unreachable; where a share was mounted, nothing is written meanwhile).
  Result<watch::WatchedRoot> OpenRoot() const;

  /// Notes why nothing is handed to the queue now; "" when it is again. Any thread.
  void Hold(const std::string& reason);
  /// Any thread. Errors: those of the ledger, as its message.
  watch::FolderView View() const;

  const WatchSettings settings;
  watch::FolderWatcher watcher;
  const watch::OutputTree outputs;
  const watch::PhotoIntake intake;

 private:
  watch::Ledger* ledger_;
  mutable std::mutex mutex_;  // Guards the one below.
  std::string held_;
};

class WatchedFolders {
 public:
  /// Both must outlive this.
  WatchedFolders(const std::vector<WatchSettings>& folders, watch::Ledger* ledger,
                 const Clock& clock);

  std::deque<WatchedFolder>& all() { return folders_; }
  /// Null where no folder of this name is watched.
  const WatchedFolder* Find(const std::string& name) const;
  std::vector<watch::FolderView> View() const;

 private:
  std::deque<WatchedFolder> folders_;
};

}  // namespace gpen::watching
