// JobStore: the durable queue. Jobs are handed in, claimed under a lease, and end exactly once.
//
// It holds the rules; the rows lie in a JobTable, which is the one part that differs between
// storages (SqliteJobTable in the program, MemoryJobTable in tests). Each operation is one
// transaction of the table, and its events are published after the commit.
//
// Promises: at least one execution, exactly one visible result. Every job of one key shares one
// computation: while one of them runs, the others wait, and its completion completes them all.
// A worker that lost its lease changes nothing any more (fencing). Every change is an event.
// Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "jobs/event_hub.h"
#include "jobs/job.h"
#include "jobs/job_event.h"
#include "jobs/job_files.h"
#include "jobs/job_filter.h"
#include "jobs/job_table.h"

namespace gpen::jobs {

struct JobStoreOptions {
  std::int64_t max_queued = 10'000;    ///< More than that: kQueueFull.
  std::int64_t events_kept = 20'000;   ///< Older events are dropped (about that many are kept).
  Milliseconds first_backoff{10'000};  ///< Doubles with every failed attempt...
  Milliseconds max_backoff{600'000};   ///< ...up to this.
};

struct NewJob {
  JobPriority priority = JobPriority::kInteractive;
  std::string key;  ///< Not empty.
  std::string name;
  std::string payload;
  std::int64_t input_bytes = 0;
  BatchId batch = 0;  ///< An existing batch, or 0.
  int max_attempts = 3;
  PersonId added_by = 0;
  /// Why nothing can be done for it: it fails at once, without an input, so that its batch shows
  /// it.
  std::optional<Error> refusal = {};
};

enum class SubmitOutcome : std::uint8_t {
  kQueued,   ///< It will be computed.
  kJoined,   ///< A job with this key is queued or running: both share its result.
  kCached,   ///< Done already, with the result of an earlier job.
  kRefused,  ///< Failed, as NewJob::refusal says.
};

struct Submitted {
  Job job;  ///< Always a job of its own, so that a batch counts and cancels what is its own.
  SubmitOutcome outcome = SubmitOutcome::kQueued;
};

struct ClaimRequest {
  std::string owner;  ///< From worker_identity.h.
  Milliseconds lease{60'000};
  Claimable what = {};
};

struct Claim {
  std::optional<Job> job;  ///< Running now, with the caller's lease; none: nothing to do.
  /// Without a job: when a backoff or a lease ends next, if one will.
  std::optional<Timestamp> next_change;
};

struct LeaseState {
  bool cancel_requested = false;
};

struct JobResult {
  std::string text;
  std::int64_t bytes = 0;  ///< Size of the files behind it, for retention by bytes.
};

struct EventPage {
  std::vector<JobEvent> events;
  std::int64_t last = 0;  ///< Go on from here: the last sequence looked at.
  bool gap = false;       ///< Events after `after` were dropped already: read the jobs anew.
};

struct QueueStatus {
  bool paused = false;
  JobCounts counts;
  std::int64_t stored_bytes = 0;  ///< Results (each counted once) and inputs still kept.
  std::int64_t binned = 0;        ///< Jobs in the bin, which `counts` leaves out.
  PostponedJobs postponed;
  std::int64_t last_sequence = 0;  ///< Of the newest event.
};

/// Which finished jobs go; none that is pinned. An empty member sets no limit.
struct RetentionPolicy {
  std::optional<Milliseconds> max_age = {};  ///< Since they finished.
  /// Of all inputs and results; what is in the bin goes first, then the oldest.
  std::optional<std::int64_t> max_bytes = {};
  std::optional<Milliseconds> input_max_age =
      {};                  ///< Inputs of finished jobs, the job itself stays.
  int most_by_age = 1000;  ///< Jobs, and inputs, that one call deletes for their age.
  std::optional<Milliseconds> bin_max_age = {};  ///< In the bin.
};

struct RetentionReport {
  std::int64_t jobs_deleted = 0;
  std::int64_t inputs_deleted = 0;
  std::int64_t bytes_freed = 0;
  std::vector<std::string> problems;  ///< Files that could not be deleted: tried again next time.
};

struct ReconcileReport {
  std::int64_t requeued = 0;         ///< Running jobs whose worker is gone.
  std::int64_t failed = 0;           ///< Of those, the ones out of attempts.
  std::int64_t cancelled = 0;        ///< Of those, the ones that were to be cancelled.
  std::int64_t results_missing = 0;  ///< Done jobs whose result vanished: failed now.
};

/// kNotFound, for what is not there, or not there for whoever asks.
Error NoSuchJob(JobId id);
Error NoSuchBatch(BatchId id);

/// Errors of every operation: kUnavailable (disk full, read-only, locked by another program),
/// kNotFound for an unknown id. Only others are named below.
class JobStore {
 public:
  /// `clock` and `files` must outlive the store.
  JobStore(std::unique_ptr<JobTable> table, const JobStoreOptions& options, const Clock& clock,
           JobFiles& files);
  JobStore(const JobStore&) = delete;
  JobStore& operator=(const JobStore&) = delete;

  /// Hands in jobs, all or none; the answers are in their order. Those whose key is known count
  /// too, unless their result is there already: each is a job that waits. With `new_batch` all of
  /// them belong to a new batch of this name, made in the same step (their own `batch` is not
  /// looked at), which is the first one's person's.
  ///
  /// Errors: kQueueFull (now), kInvalidArgument (none, an empty key, max_attempts < 1, or more than
  /// ever fit into the queue), kNotFound (their person has no such batch).
  Result<std::vector<Submitted>> SubmitAll(const std::vector<NewJob>& jobs,
                                           const std::optional<std::string>& new_batch = {});
  /// SubmitAll() of one.
  Result<Submitted> Submit(const NewJob& job);
  /// Whether the person may add to the batch, which only its own may. Errors: kNotFound.
  Result<void> CheckBatch(BatchId id, PersonId person);
  Result<Batch> CreateBatch(const std::string& name, PersonId added_by = 0);

  /// Takes the next job: by class, then by age. Leaves out jobs in backoff and keys that are being
  /// computed; nothing while paused. Puts jobs with an expired lease back first.
  Result<Claim> ClaimNext(const ClaimRequest& request);

  /// The operations of a worker. Each is kConflict when the lease was lost: stop, change nothing.
  Result<LeaseState> Renew(const Lease& lease, Milliseconds duration);
  Result<LeaseState> ReportProgress(const Lease& lease, const std::string& step, double fraction);
  /// Done, and with it all queued jobs of the same key: very many in several steps. Wins over a
  /// cancel request that the worker did not see.
  Result<Job> Complete(const Lease& lease, const JobResult& result);
  /// With `retryable` and attempts left it is queued again after a backoff; else it has failed.
  /// Other jobs of the key are not touched: their inputs may be sound.
  Result<Job> Fail(const Lease& lease, const Error& error, bool retryable);
  /// Gives the job back, undone, with all its attempts, for lack of something that may come back
  /// (room, memory, a folder): it waits, longer each time, and shows `error`. After `most` times,
  /// if that is given, it fails.
  Result<Job> Postpone(const Lease& lease, const Error& error, std::optional<int> most = {});
  /// Gives the job back, undone, as if it had not been claimed: pause, shutdown, heat.
  Result<Job> Release(const Lease& lease, const std::string& reason);
  /// The worker stopped because of a cancel request.
  Result<Job> AcceptCancel(const Lease& lease);

  /// Queued: cancelled at once. Running: asked to stop. Finished: kConflict.
  Result<Job> Cancel(JobId id);
  /// Cancels what is unfinished in the batch, in steps; the number of jobs.
  Result<std::int64_t> CancelBatch(BatchId id);
  /// Failed or cancelled: queued again with all its attempts (or done at once from the cache).
  /// Errors: kConflict (another state, or its input is gone).
  Result<Job> Retry(JobId id);
  /// Deletes the job for good, also out of the bin, and, through JobFiles, what belongs to it.
  /// Running: kConflict.
  Result<void> Delete(JobId id);
  /// Deletes a batch with its jobs: nobody sees them any more, and RemoveMarked() does the rest.
  /// Errors: kConflict (one of them runs: all are cancelled then).
  Result<void> DeleteBatch(BatchId id);
  /// Deletes up to `most` jobs of deleted batches and of an emptied bin, with their files; false
  /// where none is left. What cannot be deleted is seen again. Errors: also those of JobFiles. For
  /// one thread.
  Result<bool> RemoveMarked(int most);

  // The bin (job_bin.cc): what was deleted and can be put back. It is not counted, listed or found,
  // but keeps its files, and its result still answers equal jobs.

  /// Puts the job into the bin; a queued one is cancelled first. Running: kConflict.
  Result<void> Bin(JobId id);
  /// The same of a batch. Errors: as DeleteBatch().
  Result<void> BinBatch(BatchId id);
  /// Takes a job out of the bin, as it was. Errors: kNotFound (not there).
  Result<Job> PutBack(JobId id);
  /// Takes out of the bin those of the batch's jobs that were put there last. Errors: kNotFound
  /// (none is there).
  Result<Batch> PutBackBatch(BatchId id);
  /// A job in the bin.
  Result<Job> FindBinned(JobId id);
  /// Nobody sees what is in the bin, or what a person has there, any more, and RemoveMarked() does
  /// the rest.
  Result<void> EmptyBin(std::optional<PersonId> added_by = {});
  /// Deletes for good up to `most` jobs that are in the bin since before `time`, the longest there
  /// first.
  Result<RetentionReport> ShrinkBin(Timestamp time, int most);
  /// Retention leaves a pinned job alone.
  Result<Job> SetPinned(JobId id, bool pinned);

  Result<Job> Find(JobId id);
  Result<std::vector<Job>> List(const JobFilter& filter);
  Result<Batch> FindBatch(BatchId id);
  /// Newest first, ids below `before` (0: from the newest).
  Result<std::vector<Batch>> ListBatches(BatchId before, int limit,
                                         std::optional<PersonId> added_by = {});
  /// Whose a job is, also in the bin, or a batch; nothing where there is none.
  Result<std::optional<PersonId>> PersonOfJob(JobId id);
  Result<std::optional<PersonId>> PersonOfBatch(BatchId id);
  /// Of the whole queue, or of what a person has in it.
  Result<QueueStatus> Status(std::optional<PersonId> added_by = {});
  /// Inputs of jobs that are not finished.
  Result<std::int64_t> WaitingBytes();

  /// Writes a copy of the whole queue to `file`, which must not exist; everybody waits meanwhile.
  Result<void> CopyTo(const std::filesystem::path& file);

  /// Survives a restart. Running jobs go on: their worker gives them back (WorkerPool does).
  Result<void> SetPaused(bool paused);
  Result<bool> IsPaused();

  /// Events with a sequence above `after`, oldest first, at most `limit`.
  Result<EventPage> EventsAfter(std::int64_t after, int limit, const EventFilter& filter);
  /// Calls back for every later event of this process, in order, on the thread that caused it (or
  /// one that is delivering already): be quick.
  Subscription Subscribe(std::function<void(const JobEvent&)> callback);

  /// Deletes what the policy says, at most about 1,000 jobs per call for their bytes, and empty
  /// batches older than a day.
  Result<RetentionReport> ApplyRetention(const RetentionPolicy& policy);

  /// At start-up: puts back jobs of workers that are gone, fails done jobs whose result vanished,
  /// finishes deletions that a crash interrupted.
  Result<ReconcileReport> Reconcile(
      const std::function<bool(const std::string& owner)>& owner_is_alive);

 private:
  /// Runs `body` in a transaction and publishes its events.
  template <typename Body>
  auto Write(const Body& body, Durability durability = Durability::kDurable) -> decltype(body()) {
    std::unique_lock lock(mutex_);
    GPEN_TRY(table_->Begin(durability));
    events_.clear();
    auto outcome = Guarded("a change of the queue", body);
    if (!outcome) {
      table_->Rollback();
      return outcome;
    }
    if (auto committed = table_->Commit(); !committed) {
      table_->Rollback();
      return std::move(committed).error();
    }
    hub_->Push(std::move(events_));
    lock.unlock();
    hub_->Deliver();
    return outcome;
  }

  // All below are for use inside Write().
  Result<Submitted> SubmitHere(const NewJob& submitted);
  Result<void> CheckBatchHere(BatchId id, PersonId person);
  void Refuse(const Error& refusal, Submitted* answer);
  /// Fails where `submitted`, inserted already, were too many.
  Result<void> CheckRoom(const std::vector<Submitted>& submitted);
  Result<Batch> MakeBatch(const std::string& name, PersonId added_by);
  Result<Batch> FindBatchHere(BatchId id);
  Result<Job> FindHere(JobId id);
  /// Not being deleted.
  Result<Job> FindKept(JobId id);
  /// Nor in the bin.
  Result<Job> FindVisible(JobId id);
  Result<Job> FindBinnedHere(JobId id);
  Result<void> BinBatchHere(BatchId id, const JobCounts& counts);
  Result<Job> FindLeased(const Lease& lease);
  Result<void> Record(JobEventKind kind, const Job& job, const std::string& message = {});
  /// Answers the queued `job` from a finished one of its key, or notes whom it waits for.
  Result<SubmitOutcome> JoinTwin(Job* job);
  Result<void> Finish(Job* job, JobState state);
  Result<void> Requeue(Job* job, const std::string& reason, Timestamp not_before);
  Result<void> LoseLease(Job* job, ReconcileReport* report);
  Result<void> CancelHere(Job* job);
  /// Completes up to so many queued jobs of the key with the result of `job`; their number.
  Result<int> CompleteTwins(const Job& job);
  /// Whether another job shows the result of `job`, or is about to write it.
  Result<bool> SharesResult(const Job& job);
  Milliseconds Backoff(int attempts) const;

  /// Deletes the files of the job and then its row; the bytes freed. Takes the lock in steps.
  Result<std::int64_t> Remove(JobId id);
  Result<std::int64_t> DeleteFiles(const Job& job, bool result_is_shared);
  /// Erases the row of a job whose files are gone.
  Result<void> EraseHere(const Job& job);
  Result<void> TakeAwayBatch(BatchId id, bool for_good);

  // Steps of retention: each adds to `report`. They take the lock in steps.
  /// The bytes freed.
  std::int64_t RemoveChosen(const Job& job, RetentionReport* report);
  Result<void> DropOldInputs(Timestamp before, int most, RetentionReport* report);
  Result<void> ShrinkTo(std::int64_t max_bytes, RetentionReport* report);
  Result<std::vector<Job>> FinishedBefore(Timestamp time, bool with_input, int limit);
  Result<std::vector<Job>> BinnedBefore(Timestamp time, int limit);
  Result<std::int64_t> DropInput(const Job& job);
  Result<void> FailMissingResults(ReconcileReport* report);

  std::unique_ptr<JobTable> table_;
  const JobStoreOptions options_;
  const Clock& clock_;
  JobFiles& files_;
  const std::shared_ptr<EventHub> hub_ = std::make_shared<EventHub>();

  std::mutex mutex_;              // Guards table_ and events_.
  std::vector<JobEvent> events_;  // Of the transaction that is going on.
};

}  // namespace gpen::jobs
