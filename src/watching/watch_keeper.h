// WatchKeeper: the watched folders at work: one thread for each folder, which finds photos and
// hands them to the queue, a few at a time, and the runs of those jobs.
//
// The ledger holds all that waits, so that a month of backlog takes no memory and no place in the
// queue that a person needs. Thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "jobs/job_store.h"
#include "photos/photo_job.h"
#include "photos/photo_runner.h"
#include "photos/placed_file.h"
#include "watch/folder_watcher.h"
#include "watch/ledger.h"
#include "watch/output_tree.h"
#include "watch/photo_intake.h"
#include "watching/watch_settings.h"

namespace gpen::watching {

/// One folder, for the API and metrics.
struct WatchView {
  std::string name;
  std::string path;
  std::string output;
  std::string state;  ///< A watch::FolderState's name, or "held".
  std::string message;
  watch::FolderCounts counts;
};

struct WatchParts {
  watch::Ledger* ledger;
  jobs::JobStore* store;
  const photos::PhotoRunner* runner;
  const Clock* clock;
  std::string model_sha256;
  /// Faces of watched photos are kept while uploads and results take less: they must not push out
  /// what people uploaded. 0: always.
  std::int64_t max_bytes_with_faces = 0;
};

class WatchKeeper {
 public:
  /// All parts must outlive this.
  WatchKeeper(const std::vector<WatchSettings>& folders, const WatchParts& parts);
  ~WatchKeeper();

  /// Mends what a crash left: half-written results, rows and jobs that do not know each other. Call
  /// once, before any worker starts. Errors: those of ledger and store.
  Result<void> Recover();
  void Start();
  void Stop();

  /// Runs a job whose payload names a watched photo. Where that was replaced or went away, the job
  /// is cancelled. Errors: those of PhotoRunner::Restore, kUnavailable (folder or output).
  Result<jobs::JobResult> Run(const jobs::Job& job, const photos::PhotoTask& task,
                              jobs::JobContext& context);

  std::vector<WatchView> View() const;

  /// The photo of a watched job. Errors: kNotFound (replaced, moved or deleted).
  Result<photos::PlacedFile> PlacePhoto(const photos::PhotoTask& task) const;
  /// Its result, as it lies in the output. Errors: kNotFound (moved, changed or deleted).
  Result<photos::PlacedFile> PlaceResult(const photos::PhotoResult& result) const;
  /// Puts `bytes` in the place of the photo's present result; one that somebody changed stays, and
  /// the new one gets a name of its own. Errors: kConflict (the photo was replaced, moved or
  /// deleted), kUnavailable (folder or output not there, disk full).
  /// `is_first`: they are the first result again, else a person's choice.
  Result<void> ReplaceResult(const photos::PhotoTask& task, std::span<const std::byte> bytes,
                             codec::Format format, bool is_first) const;
  /// Whether a person's choice is the photo's present result, as far as the ledger knows. Errors:
  /// those of the ledger.
  Result<bool> HoldsChoice(const photos::PhotoTask& task) const;

 private:
  struct Folder {
    Folder(const WatchSettings& chosen, const WatchParts& parts);

    const WatchSettings settings;
    watch::FolderWatcher watcher;
    watch::OutputTree outputs;
    watch::PhotoIntake intake;
    mutable std::mutex mutex;         // Guards the one below.
    std::string held;                 ///< Why nothing is handed to the queue now.
    Milliseconds next_forgetting{0};  ///< Steady time; the thread's own.
    std::jthread thread;
  };

  void Keep(Folder& folder, std::stop_token stop);
  Result<void> RecoverFolder(const Folder& folder, const std::vector<jobs::Job>& active);
  Result<void> TakeEnds(const Folder& folder);
  Result<void> Forget(Folder& folder, const std::stop_token& stop);
  Result<void> TakeEnd(watch::WatchedFile file);
  Result<void> Feed(const Folder& folder, std::stop_token stop);
  Result<void> HandIn(const Folder& folder, watch::WatchedFile file);
  Result<jobs::JobResult> RunIn(const Folder& folder, watch::WatchedFile file, const jobs::Job& job,
                                const photos::PhotoTask& task, jobs::JobContext& context);
  Error GiveUp(const jobs::Job& job, const photos::PhotoTask& task, const Error& reason);
  /// A result that was taken from an equal photo's, and the job that had made it; empty where there
  /// is none.
  struct Reused {
    std::vector<std::byte> bytes;
    jobs::JobId job = 0;
  };
  Result<Reused> Reuse(const Folder& folder, int root, const watch::WatchedFile& file,
                       const std::string& sha256, const std::string& key);
  struct DoneFile {
    const Folder* folder;
    watch::WatchedFile file;
  };
  Result<DoneFile> FindDone(const photos::PhotoTask& task) const;
  Result<bool> HasRoomForFaces() const;
  const Folder* FindFolder(const std::string& name) const;
  static void Hold(Folder& folder, const std::string& reason);

  const WatchParts parts_;
  std::deque<Folder> folders_;
  jobs::Subscription ended_;
};

}  // namespace gpen::watching
