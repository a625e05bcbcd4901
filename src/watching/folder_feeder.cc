#include "watching/folder_feeder.h"

#include <fmt/format.h>

#include <utility>

#include "base/error_table.h"
#include "base/file.h"
#include "base/sha256.h"
#include "codec/decode.h"
#include "photos/photo_texts.h"
#include "watch/beneath.h"
#include "watch/forget_vanished.h"

namespace gpen::watching {
namespace {

using watch::FileState;
using watch::WatchedFile;

// Jobs of one folder in the queue at the same time: enough that the workers never wait.
constexpr std::int64_t kAhead = 16;
constexpr int kLooksPerRound = 64;
constexpr Milliseconds kTryLater{60'000};

// The error that failed a job may go away by itself.
bool MayPass(std::string_view code_name) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    const auto& traits = TraitsOf(static_cast<ErrorCode>(i));
    if (traits.name == code_name) return traits.code == ErrorCode::kUnavailable;
  }
  return false;
}

// What the end of its job makes of the row. A run stores its photo as done by itself: where the job
// is done or gone, it ended without this content.
void NoteEnd(const Result<jobs::Job>& job, Timestamp now, WatchedFile* file) {
  file->state = FileState::kWaiting;
  if (!job || job->state == jobs::JobState::kDone) return;
  if (job->state == jobs::JobState::kCancelled) {
    file->state = FileState::kSkipped;
    file->message = "cancelled";
  } else if (MayPass(job->error_code)) {
    file->due = now + kTryLater;
  } else {
    file->state = FileState::kFailed;
    file->message = job->error_message;
  }
}

}  // namespace

Result<void> FolderFeeder::Round(Milliseconds wait, const std::stop_token& stop) {
  GPEN_TRY(folder_.watcher.Round(wait, stop));
  GPEN_TRY(TakeEnds());
  if (!folder_.watcher.root().is_open()) return {};
  GPEN_TRY(Feed(stop));
  return Forget(stop);
}

Result<void> FolderFeeder::TakeEnds() {
  GPEN_ASSIGN_OR_RETURN(const auto queued, parts_.ledger->Queued(folder_.name()));
  for (const auto& file : queued) GPEN_TRY(TakeEnd(file));
  return {};
}

Result<void> FolderFeeder::TakeEnd(const WatchedFile& file) {
  const auto job = parts_.store->Find(file.job);
  if (!job && job.error().code() != ErrorCode::kNotFound) return job.error();
  if (job && !jobs::IsFinished(job->state)) return {};
  // The run may have stored the row since it was read.
  return parts_.ledger->InTransaction([&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(auto now, parts_.ledger->Find(file.id));
    if (!now || now->state != FileState::kQueued || now->generation != file.generation) return {};
    now->job = file.job;
    NoteEnd(job, parts_.clock->Now(), &*now);
    GPEN_TRY(parts_.ledger->Update(*now));
    return {};
  });
}

Result<void> FolderFeeder::Feed(const std::stop_token& stop) {
  GPEN_ASSIGN_OR_RETURN(std::int64_t ahead, parts_.ledger->CountQueued(folder_.name()));
  while (ahead < kAhead && !stop.stop_requested()) {
    GPEN_ASSIGN_OR_RETURN(auto files,
                          parts_.ledger->Due(folder_.name(), FileState::kWaiting, kLooksPerRound));
    if (files.empty()) return {};
    for (auto& file : files) {
      if (ahead >= kAhead || stop.stop_requested()) return {};
      GPEN_ASSIGN_OR_RETURN(const bool handed_in, FeedOne(std::move(file)));
      if (handed_in) ++ahead;
    }
  }
  return {};
}

Result<bool> FolderFeeder::FeedOne(WatchedFile file) {
  const auto& root = folder_.watcher.root();
  // A result is about as large as its photo; in another format it may be larger.
  GPEN_TRY(folder_.outputs.CheckRoom(root, file.path, 2 * file.identity.size));
  const auto answer = folder_.intake.Look(root, file);
  if (!answer) {
    // A photo that cannot be read now is no reason for the others to wait.
    file.due = parts_.clock->Now() + kTryLater;
    file.message = answer.error().message();
    GPEN_TRY(parts_.ledger->Update(file));
    return false;
  }
  if (*answer == watch::IntakeAnswer::kNoRun) return false;
  GPEN_TRY(HandIn(std::move(file)));
  return true;
}

Result<void> FolderFeeder::HandIn(WatchedFile file) {
  // Queued before the queue has it: a run that is quicker than we are finds the row as it must be.
  file.state = FileState::kQueued;
  file.job = 0;
  file.intended = {};
  GPEN_TRY(parts_.ledger->Update(file));
  jobs::NewJob job;
  job.priority = jobs::JobPriority::kWatch;
  job.key = Sha256(
      AsBytes(fmt::format("watch\n{}\n{}\n{}", parts_.ledger->id(), file.id, file.generation)));
  job.name = folder_.name() + "/" + watch::PrintablePath(file.path);
  job.payload = photos::FormatTask(
      {photos::ExternalPhoto{file.id, file.generation}, folder_.settings.options, PixelsOf(file)});
  job.max_attempts = 5;  // A power cut takes one too.
  const auto submitted = parts_.store->Submit(job);
  const auto noted = parts_.ledger->InTransaction([&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(auto now, parts_.ledger->Find(file.id));
    if (!now || now->generation != file.generation || now->state != FileState::kQueued) return {};
    now->job = submitted ? submitted->job.id : 0;
    if (!submitted) now->state = FileState::kWaiting;
    GPEN_TRY(parts_.ledger->Update(*now));
    return {};
  });
  GPEN_TRY(noted);
  return submitted ? Result<void>() : submitted.error();
}

// Read, not mapped: whoever owns the file may shorten it meanwhile. The run finds it in the cache.
std::int64_t FolderFeeder::PixelsOf(const WatchedFile& file) const {
  const auto open = watch::OpenFileBeneath(folder_.watcher.root().folder(), file.path);
  if (!open) return 0;
  const auto bytes = ReadOpenFile(open->get(), file.path, parts_.limits.max_file_bytes);
  if (!bytes) return 0;
  const auto info = codec::Probe(*bytes, parts_.limits);
  return info ? std::int64_t{info->width} * info->height : 0;
}

// Once a day: it looks for every photo that was ever done.
Result<void> FolderFeeder::Forget(const std::stop_token& stop) {
  if (parts_.clock->Steady() < next_forgetting_) return {};
  next_forgetting_ = parts_.clock->Steady() + std::chrono::hours(24);
  GPEN_TRY(watch::ForgetVanished(folder_.watcher.root(), folder_.name(), folder_.outputs,
                                 parts_.ledger, parts_.clock->Now(), stop));
  return {};
}

}  // namespace gpen::watching
