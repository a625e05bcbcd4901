// JobTable: rows of jobs, batches and events, and the few questions that the queue asks about them.
//
// The seam between the queue and its storage. It stores and finds, it decides nothing: JobStore
// holds the rules, so that every storage keeps the same ones (job_store_contract_testing.h). Not
// thread-safe; changes happen between Begin() and Commit() or Rollback().
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "jobs/job.h"
#include "jobs/job_event.h"
#include "jobs/job_filter.h"

namespace gpen::jobs {

/// Whether a power cut right after Commit() may undo it. What it undoes are the last commits in a
/// row, never one that a durable commit followed.
enum class Durability : std::uint8_t { kDurable, kLossy };

class JobTable {
 public:
  virtual ~JobTable() = default;

  /// From here to the end no other process changes the rows.
  virtual Result<void> Begin(Durability durability) = 0;
  /// After an error nothing was changed.
  virtual Result<void> Commit() = 0;
  /// Undoes all since Begin().
  virtual void Rollback() = 0;

  /// Stores `job` under a new id, which it returns.
  virtual Result<JobId> Insert(const Job& job) = 0;
  virtual Result<void> Update(const Job& job) = 0;
  virtual Result<void> Erase(JobId id) = 0;
  virtual Result<std::optional<Job>> Find(JobId id) = 0;
  virtual Result<std::vector<Job>> List(const JobFilter& filter) = 0;
  /// All jobs with this key, oldest first.
  virtual Result<std::vector<Job>> WithKey(const std::string& key) = 0;
  virtual Result<std::vector<Job>> Running() = 0;
  virtual Result<std::vector<Job>> Removing() = 0;

  /// The first queued job by class and id, of the class `lowest` or before it, whose not_before is
  /// over (or absurdly late: after `latest_backoff`, because the machine's clock was set back) and
  /// whose key has no running and no removing job.
  virtual Result<std::optional<Job>> FirstClaimable(Timestamp now, Timestamp latest_backoff,
                                                    JobPriority lowest) = 0;
  /// The earliest end after `now` of a backoff or a lease.
  virtual Result<std::optional<Timestamp>> NextChange(Timestamp now) = 0;

  /// Finished before `time` and not removing, the longest finished first; those that still have an
  /// input only, if `with_input`.
  virtual Result<std::vector<Job>> FinishedBefore(Timestamp time, bool with_input, int limit) = 0;

  /// Of all jobs, or of one batch.
  virtual Result<JobCounts> Count(std::optional<BatchId> batch) = 0;
  /// Results, once per key, and inputs that are not deleted.
  virtual Result<std::int64_t> StoredBytes() = 0;

  virtual Result<BatchId> InsertBatch(const Batch& batch) = 0;
  virtual Result<std::optional<Batch>> FindBatch(BatchId id) = 0;
  virtual Result<std::vector<Batch>> ListBatches(BatchId before, int limit) = 0;
  virtual Result<void> EraseBatch(BatchId id) = 0;
  virtual Result<void> EraseEmptyBatches(Timestamp created_before) = 0;

  /// Stores `event` under the next sequence, which it returns, and drops all but about `keep`.
  virtual Result<std::int64_t> AppendEvent(const JobEvent& event, std::int64_t keep) = 0;
  virtual Result<std::vector<JobEvent>> EventsAfter(std::int64_t after, int limit,
                                                    const EventFilter& filter) = 0;
  /// The sequence of the oldest event kept, 0 without events.
  virtual Result<std::int64_t> FirstSequence() = 0;
  /// The last sequence ever given, 0 if none was.
  virtual Result<std::int64_t> LastSequence() = 0;

  /// Writes a copy of everything to `file`, which must not exist. Outside Begin() and Commit().
  virtual Result<void> CopyTo(const std::filesystem::path& file) = 0;

  virtual Result<bool> IsPaused() = 0;
  virtual Result<void> SetPaused(bool paused) = 0;
};

}  // namespace gpen::jobs
