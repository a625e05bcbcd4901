// Job and Batch: what the queue keeps about one piece of work, and about pieces handed in together.
//
// The queue knows nothing of photos: key, payload and result are texts that only its user reads.
// Plain values, copied out of the store.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace gpen::jobs {

using JobId = std::int64_t;
using BatchId = std::int64_t;
/// Whoever hands jobs in, numbered by the queue's user; 0: nobody by name.
using PersonId = std::int64_t;

enum class JobState : std::uint8_t { kQueued, kRunning, kDone, kFailed, kCancelled };
inline constexpr int kJobStateCount = 5;

/// Who waits for it. A lower value goes first; within one class, first in first out.
enum class JobPriority : std::uint8_t {
  kInteractive,  ///< A person in front of a screen.
  kBatch,        ///< Many photos handed in at once.
  kWatch,        ///< Found in a watched folder.
};
inline constexpr int kJobPriorityCount = 3;

/// "queued", "running", ...: stable names for JSON and metrics.
std::string_view NameOf(JobState state);
/// "interactive", "batch", "watch".
std::string_view NameOf(JobPriority priority);
std::optional<JobState> JobStateFromName(std::string_view name);
std::optional<JobPriority> JobPriorityFromName(std::string_view name);

/// Done, failed or cancelled: nothing happens to it any more unless somebody retries it.
constexpr bool IsFinished(JobState state) { return state >= JobState::kDone; }

/// The right to work on a job, held until it expires. `fence` grows with every claim of the job:
/// the store refuses whoever comes with an older one.
struct Lease {
  JobId job = 0;
  std::string owner;
  std::int64_t fence = 0;
};

struct Job {
  JobId id = 0;
  JobPriority priority = JobPriority::kInteractive;
  std::string key;               ///< Equal keys mean equal results.
  std::string name;              ///< For people and for text search.
  std::string payload;           ///< What to do, opaque.
  std::int64_t input_bytes = 0;  ///< Size of the files that belong to the payload.
  bool input_deleted = false;    ///< Those files were dropped by retention: no retry.
  BatchId batch = 0;             ///< 0: none.

  JobState state = JobState::kQueued;
  int attempts = 0;  ///< Claims so far that were not given back.
  int max_attempts = 3;
  Timestamp not_before;           ///< Queued: waits at least until then.
  bool cancel_requested = false;  ///< Running: its worker has been asked to stop.

  std::string owner;  ///< Running: who holds the lease.
  std::int64_t fence = 0;
  Timestamp lease_expires;
  Timestamp heartbeat;  ///< Last sign of life of the worker.

  std::string step;     ///< What the worker does now, for people.
  double fraction = 0;  ///< 0 to 1.

  std::string result;  ///< Done: opaque.
  std::int64_t result_bytes = 0;
  bool cached = false;  ///< Done without a computation of its own, with the result of `twin`.
  JobId twin = 0;       ///< The job with the same key that it waits for or got its result from.

  std::string
      error_code;  ///< Name in base/error_table.h, or empty. Kept while it waits for a retry.
  std::string error_message;

  Timestamp created;
  Timestamp started;   ///< Of the last attempt; 0 (1970) if there was none.
  Timestamp finished;  ///< 0 (1970) while it is not finished.

  bool removing = false;  ///< Its files are being deleted: it is found and listed no more.
  /// Times it was given back because the machine lacked something (room, memory, a folder).
  int postponed = 0;
  Timestamp binned;     ///< Finished and put into the bin then; 0 (1970): it is not there.
  bool pinned = false;  ///< Retention leaves it and its input alone.
  PersonId added_by = 0;

  bool is_binned() const { return binned.time_since_epoch().count() != 0; }
  Lease lease() const { return {id, owner, fence}; }
};

struct JobCounts {
  std::array<std::int64_t, kJobStateCount> by_state{};

  std::int64_t operator[](JobState state) const {
    return by_state[static_cast<std::size_t>(state)];
  }
  std::int64_t& operator[](JobState state) { return by_state[static_cast<std::size_t>(state)]; }
  std::int64_t unfinished() const {
    return (*this)[JobState::kQueued] + (*this)[JobState::kRunning];
  }
  std::int64_t total() const;
};

/// Jobs that one person handed in together, without those in the bin. It is finished when none of
/// its jobs is unfinished.
struct Batch {
  BatchId id = 0;
  std::string name;
  Timestamp created;
  PersonId added_by = 0;
  JobCounts counts;
};

}  // namespace gpen::jobs
