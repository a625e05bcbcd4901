// JobStore: the durable queue. Jobs are handed in, claimed under a lease, and end exactly once.
//
// Promises: at least one execution, exactly one visible result. Every job of one key shares one
// computation: while one of them runs, the others wait, and its completion completes them all.
// A worker that lost its lease changes nothing any more (fencing). Every change is an event.
// Thread-safe; MemoryJobStore and SqliteJobStore behave alike (job_store_contract.h).
//
// A Redis store keeps each job in a hash, the classes in sorted sets scored by id, leases in a
// sorted set scored by expiry, the jobs of a key in a set, and events in a capped stream (XADD
// MAXLEN, its counter the sequence); every operation here is one Lua script, so it is as atomic as
// a transaction, and Subscribe reads the stream with XREAD BLOCK on a connection of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "jobs/event_hub.h"
#include "jobs/job.h"
#include "jobs/job_event.h"
#include "jobs/job_files.h"

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
};

enum class SubmitOutcome : std::uint8_t {
  kQueued,  ///< It will be computed.
  kJoined,  ///< A job with this key is queued or running: both share its result.
  kCached,  ///< Done already, with the result of an earlier job.
};

struct Submitted {
  Job job;  ///< Always a job of its own, so that a batch counts and cancels what is its own.
  SubmitOutcome outcome = SubmitOutcome::kQueued;
};

struct ClaimRequest {
  std::string owner;  ///< From worker_identity.h.
  Milliseconds lease{60'000};
  JobPriority lowest = JobPriority::kWatch;  ///< Take no job that goes after this class.
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

/// Empty members do not filter. Newest first.
struct JobFilter {
  std::vector<JobState> states = {};
  std::optional<BatchId> batch = {};
  std::optional<JobPriority> priority = {};
  std::string text = {};  ///< Part of the name, ASCII letters in either case.
  JobId before = 0;  ///< Ids below this one: the last id of the page before. 0: from the newest.
  int limit = 50;    ///< 1 to 500.
};

struct EventFilter {
  JobId job = 0;
  BatchId batch = 0;
};

struct EventPage {
  std::vector<JobEvent> events;
  std::int64_t last = 0;  ///< Go on from here: the last sequence looked at.
  bool gap = false;       ///< Events after `after` were dropped already: read the jobs anew.
};

struct QueueStatus {
  bool paused = false;
  JobCounts counts;
  std::int64_t stored_bytes = 0;   ///< Results (each counted once) and inputs still kept.
  std::int64_t last_sequence = 0;  ///< Of the newest event.
};

/// Which finished jobs go. An empty member sets no limit.
struct RetentionPolicy {
  std::optional<Milliseconds> max_age = {};    ///< Since they finished.
  std::optional<std::int64_t> max_bytes = {};  ///< Of all inputs and results; the oldest go first.
  std::optional<Milliseconds> input_max_age =
      {};  ///< Inputs of finished jobs, the job itself stays.
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

/// Errors of every operation: kUnavailable (disk full, read-only, locked by another program),
/// kNotFound for an unknown id. Only others are named below.
class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Hands in a job. Errors: kQueueFull, kInvalidArgument (empty key, max_attempts < 1), kNotFound
  /// (no such batch).
  virtual Result<Submitted> Submit(const NewJob& job) = 0;
  virtual Result<Batch> CreateBatch(const std::string& name) = 0;

  /// Takes the next job: by class, then by age. Leaves out jobs in backoff and keys that are being
  /// computed; nothing while paused. Puts jobs with an expired lease back first.
  virtual Result<Claim> ClaimNext(const ClaimRequest& request) = 0;

  /// The operations of a worker. Each is kConflict when the lease was lost: stop, change nothing.
  virtual Result<LeaseState> Renew(const Lease& lease, Milliseconds duration) = 0;
  virtual Result<LeaseState> ReportProgress(const Lease& lease, const std::string& step,
                                            double fraction) = 0;
  /// Done, and with it all queued jobs of the same key. Wins over a cancel request that the worker
  /// did not see.
  virtual Result<Job> Complete(const Lease& lease, const JobResult& result) = 0;
  /// With `retryable` and attempts left it is queued again after a backoff; else it has failed.
  /// Other jobs of the key are not touched: their inputs may be sound.
  virtual Result<Job> Fail(const Lease& lease, const Error& error, bool retryable) = 0;
  /// Gives the job back, undone, as if it had not been claimed: pause, shutdown, heat.
  virtual Result<Job> Release(const Lease& lease, const std::string& reason) = 0;
  /// The worker stopped because of a cancel request.
  virtual Result<Job> AcceptCancel(const Lease& lease) = 0;

  /// Queued: cancelled at once. Running: asked to stop. Finished: kConflict.
  virtual Result<Job> Cancel(JobId id) = 0;
  /// Cancels what is unfinished in the batch; the number of jobs.
  virtual Result<std::int64_t> CancelBatch(BatchId id) = 0;
  /// Failed or cancelled: queued again with all its attempts (or done at once from the cache).
  /// Errors: kConflict (another state, or its input is gone).
  virtual Result<Job> Retry(JobId id) = 0;
  /// Deletes the job and, through JobFiles, what belongs to it. Running: kConflict.
  virtual Result<void> Delete(JobId id) = 0;
  /// Deletes a batch whose jobs are all deleted. Errors: kConflict.
  virtual Result<void> DeleteBatch(BatchId id) = 0;

  virtual Result<Job> Find(JobId id) = 0;
  virtual Result<std::vector<Job>> List(const JobFilter& filter) = 0;
  virtual Result<Batch> FindBatch(BatchId id) = 0;
  /// Newest first, ids below `before` (0: from the newest).
  virtual Result<std::vector<Batch>> ListBatches(BatchId before, int limit) = 0;
  virtual Result<QueueStatus> Status() = 0;

  /// Survives a restart. Running jobs go on: their worker gives them back (WorkerPool does).
  virtual Result<void> SetPaused(bool paused) = 0;
  virtual Result<bool> IsPaused() = 0;

  /// Events with a sequence above `after`, oldest first, at most `limit`.
  virtual Result<EventPage> EventsAfter(std::int64_t after, int limit,
                                        const EventFilter& filter) = 0;
  /// Calls back for every later event of this process, in order, on the thread that caused it (or
  /// one that is delivering already): be quick.
  virtual Subscription Subscribe(std::function<void(const JobEvent&)> callback) = 0;

  /// Deletes what the policy says, at most about 1,000 jobs per call, and empty batches older than
  /// a day.
  virtual Result<RetentionReport> ApplyRetention(const RetentionPolicy& policy) = 0;

  /// At start-up: puts back jobs of workers that are gone, fails done jobs whose result vanished,
  /// finishes deletions that a crash interrupted.
  virtual Result<ReconcileReport> Reconcile(
      const std::function<bool(const std::string& owner)>& owner_is_alive) = 0;
};

}  // namespace gpen::jobs
