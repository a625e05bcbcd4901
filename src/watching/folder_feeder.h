// FolderFeeder: hands the photos of one watched folder to the queue, a few at a time, and notes in
// the ledger how their jobs ended.
//
// The ledger holds all that waits, so that a month of backlog takes no memory and no place in the
// queue that a person needs. Belongs to one thread.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"
#include "codec/limits.h"
#include "jobs/job_store.h"
#include "watch/ledger.h"
#include "watching/watched_folders.h"

namespace gpen::watching {

/// What feeders work with; all of it must outlive them.
struct FeederParts {
  watch::Ledger* ledger;
  jobs::JobStore* store;
  const Clock* clock;
  codec::Limits limits;
};

class FolderFeeder {
 public:
  /// `folder` must outlive this.
  FolderFeeder(WatchedFolder* folder, const FeederParts& parts) : folder_(*folder), parts_(parts) {}

  /// Looks after the folder once; waits for at most `wait` if there is nothing to do. Errors: those
  /// of ledger and store, kUnavailable (output not there, disk full), kQueueFull: try again later.
  Result<void> Round(Milliseconds wait, const std::stop_token& stop = {});

  /// Ends the waiting of Round(). Any thread.
  void Wake() { folder_.watcher.Wake(); }

  WatchedFolder& folder() { return folder_; }

 private:
  Result<void> TakeEnds();
  Result<void> TakeEnd(const watch::WatchedFile& file);
  Result<void> Feed(const std::stop_token& stop);
  /// True where it was handed to the queue.
  Result<bool> FeedOne(watch::WatchedFile file);
  Result<void> HandIn(watch::WatchedFile file);
  /// By its header; 0 where that is not to be had: the run will say why.
  std::int64_t PixelsOf(const watch::WatchedFile& file) const;
  Result<void> Forget(const std::stop_token& stop);

  WatchedFolder& folder_;
  const FeederParts parts_;
  Milliseconds next_forgetting_{0};  // Steady time.
};

}  // namespace gpen::watching
