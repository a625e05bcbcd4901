// WatchFeeder: one background thread for each watched folder, in which its FolderFeeder works.
#pragma once

#include <deque>
#include <stop_token>
#include <thread>

#include "jobs/job_store.h"
#include "watching/folder_feeder.h"
#include "watching/watched_folders.h"

namespace gpen::watching {

class WatchFeeder {
 public:
  /// `folders` must outlive this.
  WatchFeeder(WatchedFolders* folders, const FeederParts& parts);
  /// Stops.
  ~WatchFeeder();

  /// After RecoverWatch(). Call once.
  void Start();
  /// Ends the threads; what they handed in stays in the queue.
  void Stop();

 private:
  struct Feeding {
    FolderFeeder feeder;
    std::jthread thread;
  };

  static void Keep(FolderFeeder* feeder, const std::stop_token& stop);

  jobs::JobStore* store_;
  std::deque<Feeding> feeding_;
  jobs::Subscription ended_;  // Last: it wakes the feeders.
};

}  // namespace gpen::watching
