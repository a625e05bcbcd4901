// The part of WatchKeeper that lives beside the queue: threads, recovery, handing in, taking ends.
#include "watching/watch_keeper.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error_table.h"
#include "base/file.h"
#include "base/sha256.h"
#include "jobs/background_thread.h"
#include "watch/beneath.h"
#include "watch/forget_vanished.h"

namespace gpen::watching {
namespace {

using watch::FileState;
using watch::WatchedFile;

// Jobs of one folder in the queue at the same time: enough that the workers never wait.
constexpr std::int64_t kAhead = 16;
constexpr int kLooksPerRound = 64;
constexpr Milliseconds kRound{5'000};
constexpr Milliseconds kTryLater{60'000};

// The error that failed a job may go away by itself.
bool MayPass(std::string_view code_name) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    const auto& traits = TraitsOf(static_cast<ErrorCode>(i));
    if (traits.name == code_name) return traits.code == ErrorCode::kUnavailable;
  }
  return false;
}

Result<std::vector<jobs::Job>> ActiveWatchJobs(jobs::JobStore* store) {
  jobs::JobFilter filter;
  filter.states = {jobs::JobState::kQueued, jobs::JobState::kRunning};
  filter.priority = jobs::JobPriority::kWatch;
  filter.limit = 500;
  std::vector<jobs::Job> active;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(auto page, store->List(filter));
    if (page.empty()) return active;
    filter.before = page.back().id;
    std::ranges::move(page, std::back_inserter(active));
  }
}

Result<photos::PlacedFile> Place(int base, const std::filesystem::path& relative) {
  GPEN_ASSIGN_OR_RETURN(auto folder, watch::OpenFolderBeneath(base, relative.parent_path()));
  photos::PlacedFile placed;
  placed.folder = std::make_shared<const Descriptor>(std::move(folder));
  placed.path =
      fmt::format("/proc/self/fd/{}/", placed.folder->get()) + relative.filename().native();
  return placed;
}

}  // namespace

WatchKeeper::Folder::Folder(const WatchSettings& chosen, const WatchParts& parts)
    : settings(chosen),
      watcher(settings.folder, parts.ledger, *parts.clock),
      outputs(&settings.folder, parts.ledger),
      intake(parts.ledger, &outputs) {}

WatchKeeper::WatchKeeper(const std::vector<WatchSettings>& folders, const WatchParts& parts)
    : parts_(parts) {
  for (const auto& settings : folders) folders_.emplace_back(settings, parts_);
}

WatchKeeper::~WatchKeeper() { Stop(); }

const WatchKeeper::Folder* WatchKeeper::FindFolder(const std::string& name) const {
  const auto found = std::ranges::find_if(
      folders_, [&](const Folder& folder) { return folder.settings.folder.name == name; });
  return found == folders_.end() ? nullptr : &*found;
}

void WatchKeeper::Start() {
  ended_ = parts_.store->Subscribe([this](const jobs::JobEvent& event) {
    if (event.kind != jobs::JobEventKind::kFinished && event.kind != jobs::JobEventKind::kDeleted) {
      return;
    }
    for (auto& folder : folders_) folder.watcher.Wake();
  });
  for (auto& folder : folders_) {
    folder.thread =
        std::jthread([this, &folder](std::stop_token stop) { Keep(folder, std::move(stop)); });
  }
}

void WatchKeeper::Stop() {
  ended_ = {};
  for (auto& folder : folders_) {
    folder.thread.request_stop();
    folder.watcher.Wake();
  }
  for (auto& folder : folders_) folder.thread = {};
}

void WatchKeeper::Hold(Folder& folder, const std::string& reason) {
  const std::scoped_lock lock(folder.mutex);
  folder.held = reason;
}

void WatchKeeper::Keep(Folder& folder, std::stop_token stop) {
  // What could not be lowered is not worth failing for: the work is the same.
  jobs::LowerThisThread();
  while (!stop.stop_requested()) {
    auto round = folder.watcher.Round(kRound, stop);
    if (round) round = TakeEnds(folder);
    if (round && folder.watcher.root() >= 0) round = Feed(folder, stop);
    if (round && folder.watcher.root() >= 0) round = Forget(folder, stop);
    Hold(folder, round ? "" : round.error().message());
    // A full disk or queue does not change from one moment to the next.
    if (!round && !stop.stop_requested())
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

// Once a day: it looks for every photo that was ever done.
Result<void> WatchKeeper::Forget(Folder& folder, const std::stop_token& stop) {
  if (parts_.clock->Steady() < folder.next_forgetting) return {};
  folder.next_forgetting = parts_.clock->Steady() + std::chrono::hours(24);
  GPEN_TRY(watch::ForgetVanished(folder.watcher.root(), folder.settings.folder.name, folder.outputs,
                                 parts_.ledger, parts_.clock->Now(), stop));
  return {};
}

// --- After a crash

Result<void> WatchKeeper::Recover() {
  if (folders_.empty()) return {};
  GPEN_ASSIGN_OR_RETURN(const auto active, ActiveWatchJobs(parts_.store));
  for (const auto& folder : folders_) GPEN_TRY(RecoverFolder(folder, active));
  for (const auto& job : active) {
    const auto task = photos::ParseTask(job.payload);
    const auto file = task ? parts_.ledger->Find(task->watched_file)
                           : Result<std::optional<WatchedFile>>(std::nullopt);
    if (!file) return file.error();
    if (*file && (*file)->job == job.id && (*file)->generation == task->generation) continue;
    // Of a photo that was replaced since, or of a ledger that is gone.
    if (const auto cancelled = parts_.store->Cancel(job.id);
        !cancelled && cancelled.error().code() != ErrorCode::kConflict) {
      return cancelled.error();
    }
  }
  return {};
}

Result<void> WatchKeeper::RecoverFolder(const Folder& folder,
                                        const std::vector<jobs::Job>& active) {
  const auto& settings = folder.settings.folder;
  GPEN_ASSIGN_OR_RETURN(auto queued, parts_.ledger->Queued(settings.name));
  const auto root = watch::OpenRoot(settings.path);
  for (auto& file : queued) {
    if (root) folder.outputs.RemoveHalfWritten(root->get(), file.path);
    if (file.job != 0) continue;
    // The crash came while it was handed in: the queue may have it or not.
    for (const auto& job : active) {
      const auto task = photos::ParseTask(job.payload);
      if (task && task->watched_file == file.id && task->generation == file.generation) {
        file.job = job.id;
      }
    }
    if (file.job == 0) file.state = FileState::kWaiting;
    GPEN_TRY(parts_.ledger->Update(file));
  }
  return {};
}

// --- The queue

// A run stores its photo as done by itself; what failed or was cancelled is noted here.
Result<void> WatchKeeper::TakeEnds(const Folder& folder) {
  GPEN_ASSIGN_OR_RETURN(auto queued, parts_.ledger->Queued(folder.settings.folder.name));
  for (auto& file : queued) GPEN_TRY(TakeEnd(std::move(file)));
  return {};
}

Result<void> WatchKeeper::TakeEnd(WatchedFile file) {
  auto job = parts_.store->Find(file.job);
  if (!job && job.error().code() != ErrorCode::kNotFound) return std::move(job).error();
  if (job && !jobs::IsFinished(job->state)) return {};
  // The run may have stored the row since it was read.
  return parts_.ledger->InTransaction([&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(auto now, parts_.ledger->Find(file.id));
    if (!now || now->state != FileState::kQueued || now->generation != file.generation) return {};
    now->job = file.job;
    if (!job || job->state == jobs::JobState::kDone) {
      now->state = FileState::kWaiting;  // The job is gone, or ended without this content.
    } else if (job->state == jobs::JobState::kCancelled) {
      now->state = FileState::kSkipped;
      now->message = "cancelled";
    } else if (MayPass(job->error_code)) {
      now->state = FileState::kWaiting;
      now->due = parts_.clock->Now() + kTryLater;
    } else {
      now->state = FileState::kFailed;
      now->message = job->error_message;
    }
    GPEN_TRY(parts_.ledger->Update(*now));
    return {};
  });
}

Result<void> WatchKeeper::Feed(const Folder& folder, std::stop_token stop) {
  const int root = folder.watcher.root();
  GPEN_ASSIGN_OR_RETURN(std::int64_t ahead,
                        parts_.ledger->CountQueued(folder.settings.folder.name));
  while (ahead < kAhead && !stop.stop_requested()) {
    GPEN_ASSIGN_OR_RETURN(auto files, parts_.ledger->Due(folder.settings.folder.name,
                                                         FileState::kWaiting, kLooksPerRound));
    if (files.empty()) return {};
    for (auto& file : files) {
      if (ahead >= kAhead || stop.stop_requested()) return {};
      // A result is about as large as its photo; in another format it may be larger.
      GPEN_TRY(folder.outputs.CheckSpace(root, 2 * file.identity.size));
      const auto answer = folder.intake.Look(root, file, folder.watcher.inodes_are_stable());
      if (!answer) {
        // A photo that cannot be read now is no reason for the others to wait.
        file.due = parts_.clock->Now() + kTryLater;
        file.message = answer.error().message();
        GPEN_TRY(parts_.ledger->Update(file));
        continue;
      }
      if (*answer == watch::IntakeAnswer::kSettled) continue;
      GPEN_TRY(HandIn(folder, std::move(file)));
      ++ahead;
    }
  }
  return {};
}

Result<void> WatchKeeper::HandIn(const Folder& folder, WatchedFile file) {
  // Queued before the queue has it: a run that is quicker than we are finds the row as it must be.
  file.state = FileState::kQueued;
  file.job = 0;
  file.intended = {};
  GPEN_TRY(parts_.ledger->Update(file));
  jobs::NewJob job;
  job.priority = jobs::JobPriority::kWatch;
  job.key = Sha256(
      AsBytes(fmt::format("watch\n{}\n{}\n{}", parts_.ledger->id(), file.id, file.generation)));
  job.name = folder.settings.folder.name + "/" + watch::PrintablePath(file.path);
  job.payload = photos::FormatTask({"", folder.settings.options, file.id, file.generation});
  job.max_attempts = 5;  // A power cut takes one too.
  const auto submitted = parts_.store->Submit(job);
  return parts_.ledger->InTransaction([&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(auto now, parts_.ledger->Find(file.id));
    if (!now || now->generation != file.generation || now->state != FileState::kQueued) {
      return submitted ? Result<void>() : submitted.error();
    }
    now->job = submitted ? submitted->job.id : 0;
    if (!submitted) now->state = FileState::kWaiting;
    GPEN_TRY(parts_.ledger->Update(*now));
    return {};
  });
}

// --- Looking

std::vector<WatchView> WatchKeeper::View() const {
  std::vector<WatchView> views;
  for (const auto& folder : folders_) {
    const auto& settings = folder.settings.folder;
    const auto status = folder.watcher.Status();
    WatchView view;
    view.name = settings.name;
    view.path = watch::PrintablePath(settings.path.native());
    view.output = watch::PrintablePath(settings.output.native());
    view.state = watch::NameOf(status.state);
    view.message = status.message;
    {
      const std::scoped_lock lock(folder.mutex);
      if (!folder.held.empty() && status.state != watch::FolderState::kUnreachable) {
        view.state = "held";
        view.message = folder.held;
      }
    }
    const auto counts = parts_.ledger->Count(settings.name);
    if (counts) view.counts = *counts;
    if (!counts) view.message = counts.error().message();
    views.push_back(std::move(view));
  }
  return views;
}

Result<photos::PlacedFile> WatchKeeper::PlacePhoto(const photos::PhotoTask& task) const {
  const Error gone(ErrorCode::kNotFound,
                   "the photo is no longer where it was found: it was moved, replaced or deleted");
  GPEN_ASSIGN_OR_RETURN(const auto file, parts_.ledger->Find(task.watched_file));
  const Folder* folder = file ? FindFolder(file->folder) : nullptr;
  if (folder == nullptr || file->generation != task.generation) return gone;
  GPEN_ASSIGN_OR_RETURN(const auto root, watch::OpenRoot(folder->settings.folder.path));
  GPEN_ASSIGN_OR_RETURN(const auto found, watch::LookBeneath(root.get(), file->path));
  if (!found || !watch::SameContent(*found, file->identity, folder->watcher.inodes_are_stable())) {
    return gone;
  }
  return Place(root.get(), file->path);
}

Result<photos::PlacedFile> WatchKeeper::PlaceResult(const photos::PhotoResult& result) const {
  const Error gone(ErrorCode::kNotFound,
                   "the result is no longer where it was put: it was moved, changed or deleted");
  GPEN_ASSIGN_OR_RETURN(const auto file, parts_.ledger->Find(result.watched_file));
  const Folder* folder = file ? FindFolder(file->folder) : nullptr;
  if (folder == nullptr || file->output.path.empty()) return gone;
  GPEN_ASSIGN_OR_RETURN(const auto root, watch::OpenRoot(folder->settings.folder.path));
  GPEN_ASSIGN_OR_RETURN(
      const bool intact,
      folder->outputs.IsIntact(root.get(), file->output, folder->watcher.inodes_are_stable()));
  if (!intact) return gone;
  GPEN_ASSIGN_OR_RETURN(const auto base, folder->outputs.OpenBase(root.get()));
  return Place(base.get(), file->output.path);
}

}  // namespace gpen::watching
