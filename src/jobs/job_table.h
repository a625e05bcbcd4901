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

/// Jobs of one key and state that are not being removed: at most `most` of them, oldest first or
/// newest first. There may be very many.
struct KeyQuery {
  std::string key;
  JobState state = JobState::kDone;
  bool newest_first = false;
  int most = 1;
};

/// Which of the jobs that are being removed: those that go with their whole batch or with all that
/// is in the bin, or single ones.
enum class RemovalOf : std::uint8_t { kMany, kSingleJobs };

/// Queued jobs that lack something which the machine must have (Job::postponed).
struct PostponedJobs {
  std::int64_t count = 0;
  std::string reason;  ///< Of the oldest.
};

/// What one person has, without what is being removed.
struct PersonTotals {
  JobCounts counts;  ///< Without the bin.
  std::int64_t binned = 0;
  std::int64_t stored_bytes = 0;  ///< Inputs, and results as if nobody shared them.
};

/// Which jobs somebody may take.
struct Claimable {
  JobPriority lowest = JobPriority::kWatch;  ///< No job that goes after this class.
  std::vector<JobId> except = {};            ///< Not these; a few.
};

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
  virtual Result<std::vector<Job>> WithKey(const KeyQuery& query) = 0;
  virtual Result<std::vector<Job>> Running() = 0;
  virtual Result<std::vector<Job>> Removing(RemovalOf of, int most) = 0;

  /// The first queued job by class and id, of those that are `claimable`, whose not_before is over
  /// (or absurdly late: after `latest_backoff`, because the machine's clock was set back) and whose
  /// key has no running and no removing job.
  virtual Result<std::optional<Job>> FirstClaimable(Timestamp now, Timestamp latest_backoff,
                                                    const Claimable& claimable) = 0;
  /// The earliest end after `now` of a backoff or a lease.
  virtual Result<std::optional<Timestamp>> NextChange(Timestamp now) = 0;

  /// Finished before `time`, neither pinned nor in the bin nor removing, the longest finished
  /// first; those that still have an input only, if `with_input`.
  virtual Result<std::vector<Job>> FinishedBefore(Timestamp time, bool with_input, int limit) = 0;

  /// In the bin since before `time` and not removing, the longest there first.
  virtual Result<std::vector<Job>> BinnedBefore(Timestamp time, int limit) = 0;
  /// All in the bin, or all of a person there, are being removed from now on. In one step, however
  /// many they are.
  virtual Result<void> MarkBin(std::optional<PersonId> added_by) = 0;

  /// Of all jobs, or of one batch, that are neither in the bin nor being removed.
  virtual Result<JobCounts> Count(std::optional<BatchId> batch) = 0;
  /// The same of those in the bin.
  virtual Result<std::int64_t> CountBinned(std::optional<BatchId> batch) = 0;
  /// Results, once per key, and inputs that are not deleted.
  virtual Result<std::int64_t> StoredBytes() = 0;
  /// Inputs of the jobs that are not finished.
  virtual Result<std::int64_t> WaitingBytes() = 0;
  virtual Result<PostponedJobs> Postponed(std::optional<PersonId> added_by) = 0;
  virtual Result<PersonTotals> TotalsOf(PersonId person) = 0;

  // A batch that is being removed is not found and not listed; nor is one listed whose jobs are all
  // in the bin.
  virtual Result<BatchId> InsertBatch(const Batch& batch) = 0;
  virtual Result<std::optional<Batch>> FindBatch(BatchId id) = 0;
  virtual Result<std::vector<Batch>> ListBatches(BatchId before, int limit,
                                                 std::optional<PersonId> added_by) = 0;
  /// The batch and its jobs, of which none is running, are being removed from now on; queued ones
  /// are cancelled, at `now`. In one step, however many they are.
  virtual Result<void> MarkBatch(BatchId id, Timestamp now) = 0;
  /// The jobs of the batch, of which none is running, are in the bin since `now`; queued ones are
  /// cancelled. In one step, however many they are.
  virtual Result<void> BinBatch(BatchId id, Timestamp now) = 0;
  /// Out of the bin come the batch's jobs that were put there last.
  virtual Result<void> PutBackBatch(BatchId id) = 0;
  /// The batch and its jobs stay.
  virtual Result<void> UnmarkBatch(BatchId id) = 0;
  /// Erases the batches that are being removed and have no job left.
  virtual Result<void> EraseRemovedBatches() = 0;
  /// Erases the batch where it has no job left, whatever its age.
  virtual Result<void> EraseBatchIfEmpty(BatchId id) = 0;
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
