// TableJobStore: the rules of the queue, on any JobTable. The base of both stores.
//
// Each operation is one transaction of the table; its events are published after the commit.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "jobs/job_store.h"
#include "jobs/job_table.h"

namespace gpen::jobs {

class TableJobStore : public JobStore {
 public:
  /// `clock` and `files` must outlive the store.
  TableJobStore(std::unique_ptr<JobTable> table, const JobStoreOptions& options, const Clock& clock,
                JobFiles& files);

  Result<Submitted> Submit(const NewJob& job) override;
  Result<Batch> CreateBatch(const std::string& name) override;
  Result<Claim> ClaimNext(const ClaimRequest& request) override;
  Result<LeaseState> Renew(const Lease& lease, Milliseconds duration) override;
  Result<LeaseState> ReportProgress(const Lease& lease, const std::string& step,
                                    double fraction) override;
  Result<Job> Complete(const Lease& lease, const JobResult& result) override;
  Result<Job> Fail(const Lease& lease, const Error& error, bool retryable) override;
  Result<Job> Release(const Lease& lease, const std::string& reason) override;
  Result<Job> AcceptCancel(const Lease& lease) override;
  Result<Job> Cancel(JobId id) override;
  Result<std::int64_t> CancelBatch(BatchId id) override;
  Result<Job> Retry(JobId id) override;
  Result<void> Delete(JobId id) override;
  Result<void> DeleteBatch(BatchId id) override;
  Result<Job> Find(JobId id) override;
  Result<std::vector<Job>> List(const JobFilter& filter) override;
  Result<Batch> FindBatch(BatchId id) override;
  Result<std::vector<Batch>> ListBatches(BatchId before, int limit) override;
  Result<QueueStatus> Status() override;
  Result<void> SetPaused(bool paused) override;
  Result<bool> IsPaused() override;
  Result<EventPage> EventsAfter(std::int64_t after, int limit, const EventFilter& filter) override;
  Subscription Subscribe(std::function<void(const JobEvent&)> callback) override;
  Result<RetentionReport> ApplyRetention(const RetentionPolicy& policy) override;
  Result<ReconcileReport> Reconcile(
      const std::function<bool(const std::string& owner)>& owner_is_alive) override;

 private:
  /// Runs `body` in a transaction and publishes its events.
  template <typename Body>
  auto Write(const Body& body, Durability durability = Durability::kDurable) -> decltype(body()) {
    std::unique_lock lock(mutex_);
    GPEN_TRY(table_->Begin(durability));
    events_.clear();
    auto outcome = body();
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
  Result<Job> FindHere(JobId id);
  Result<Job> FindLeased(const Lease& lease);
  Result<void> Record(JobEventKind kind, const Job& job, const std::string& message = {});
  /// Answers the queued `job` from a finished one of its key, or notes whom it waits for.
  Result<SubmitOutcome> JoinTwin(Job* job);
  Result<void> Finish(Job* job, JobState state);
  Result<void> Requeue(Job* job, const std::string& reason, Timestamp not_before);
  Result<void> LoseLease(Job* job, ReconcileReport* report);
  Result<void> CancelHere(Job* job);
  Milliseconds Backoff(int attempts) const;

  /// Deletes the files of the job and then its row; the bytes freed. Takes the lock in steps.
  Result<std::int64_t> Remove(JobId id);
  Result<std::int64_t> DeleteFiles(const Job& job, bool result_is_shared);
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
