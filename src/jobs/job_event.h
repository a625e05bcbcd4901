// JobEvent: something that happened in the queue, numbered without end, so that a client that was
// away asks for what it missed.
#pragma once

#include "jobs/job.h"

namespace gpen::jobs {

enum class JobEventKind : std::uint8_t {
  kCreated,          ///< A job was handed in (it may be done at once: see `state`).
  kStarted,          ///< A worker took it.
  kProgress,         ///< `step` or `fraction` changed.
  kRequeued,         ///< It waits again: `message` says why.
  kCancelRequested,  ///< Its worker is asked to stop.
  kFinished,         ///< Done, failed or cancelled: see `state`. At most once per run of a job.
  kDeleted,
  kQueuePaused,   ///< The whole queue; job is 0.
  kQueueResumed,  ///< The whole queue; job is 0.
  kBinned,        ///< Into the bin; job is 0: all of the batch.
  kPutBack,       ///< Out of the bin; job is 0: jobs of the batch.
  kPinned,        ///< Pinned, or no longer.
};
inline constexpr int kJobEventKindCount = 12;

/// "created", "started", ...: stable names.
std::string_view NameOf(JobEventKind kind);

struct JobEvent {
  std::int64_t sequence = 0;  ///< Grows with every event and is never used twice.
  Timestamp time;
  JobEventKind kind = JobEventKind::kCreated;
  JobId job = 0;
  BatchId batch = 0;
  JobState state = JobState::kQueued;  ///< After the event.
  std::string step;
  double fraction = 0;
  std::string message;
  PersonId added_by = 0;  ///< Of the job or batch.

  bool is_of_queue() const { return job == 0 && batch == 0; }
};

}  // namespace gpen::jobs
