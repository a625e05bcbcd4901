#include "watching/watch_recovery.h"

#include <algorithm>
#include <vector>

#include "photos/photo_job.h"

namespace gpen::watching {
namespace {

using watch::FileState;
using watch::WatchedFile;

// An unfinished job about a watched photo; the row 0, which is none, where its text names no photo.
struct ActiveJob {
  jobs::JobId id;
  photos::ExternalPhoto photo;
};

// The oldest first.
Result<std::vector<ActiveJob>> ActiveJobs(jobs::JobStore* store) {
  jobs::JobFilter filter;
  filter.states = {jobs::JobState::kQueued, jobs::JobState::kRunning};
  filter.priority = jobs::JobPriority::kWatch;
  filter.limit = 500;
  std::vector<ActiveJob> active;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const auto page, store->List(filter));
    if (page.empty()) break;
    filter.before = page.back().id;
    for (const auto& job : page) {
      const auto photo = photos::PhotoJob::Of(job);
      const auto* external =
          photo ? std::get_if<photos::ExternalPhoto>(&photo->task.source) : nullptr;
      active.push_back({job.id, external != nullptr ? *external : photos::ExternalPhoto{}});
    }
  }
  std::ranges::reverse(active);
  return active;
}

Result<void> RecoverFolder(const WatchedFolder& folder, const std::vector<ActiveJob>& active,
                           watch::Ledger* ledger) {
  GPEN_ASSIGN_OR_RETURN(auto queued, ledger->Queued(folder.name()));
  const auto root = watch::WatchedRoot::Open(folder.settings.folder.path);
  for (auto& file : queued) {
    if (root) folder.outputs.RemoveHalfWritten(*root, file.path);
    if (file.job != 0) continue;
    // The crash came while it was handed in: the queue may have it or not.
    const photos::ExternalPhoto photo{file.id, file.generation};
    const auto found = std::ranges::find(active, photo, &ActiveJob::photo);
    if (found != active.end()) file.job = found->id;
    if (found == active.end()) file.state = FileState::kWaiting;
    GPEN_TRY(ledger->Update(file));
  }
  return {};
}

// Of a photo that was replaced since, or of a ledger that is gone.
Result<void> CancelStray(const ActiveJob& job, watch::Ledger* ledger, jobs::JobStore* store) {
  GPEN_ASSIGN_OR_RETURN(const auto file, ledger->Find(job.photo.row));
  if (file && file->job == job.id && file->generation == job.photo.generation) return {};
  const auto cancelled = store->Cancel(job.id);
  if (!cancelled && cancelled.error().code() != ErrorCode::kConflict) return cancelled.error();
  return {};
}

}  // namespace

Result<void> RecoverWatch(WatchedFolders* folders, watch::Ledger* ledger, jobs::JobStore* store) {
  if (folders->all().empty()) return {};
  GPEN_ASSIGN_OR_RETURN(const auto active, ActiveJobs(store));
  for (const auto& folder : folders->all()) GPEN_TRY(RecoverFolder(folder, active, ledger));
  for (const auto& job : active) GPEN_TRY(CancelStray(job, ledger, store));
  return {};
}

}  // namespace gpen::watching
