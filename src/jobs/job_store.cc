#include "jobs/job_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error_table.h"

namespace gpen::jobs {
namespace {

constexpr int kMaxListed = 500;

Error NoSuchJob(JobId id) {
  return Error(ErrorCode::kNotFound,
               fmt::format("there is no job {}; it may have been deleted", id));
}

Error WrongState(const Job& job, std::string_view action, std::string_view remedy) {
  return Error(ErrorCode::kConflict,
               fmt::format("cannot {} job {}: it is {}{}", action, job.id,
                           job.removing ? "being deleted" : NameOf(job.state), remedy));
}

}  // namespace

JobStore::JobStore(std::unique_ptr<JobTable> table, const JobStoreOptions& options,
                   const Clock& clock, JobFiles& files)
    : table_(std::move(table)), options_(options), clock_(clock), files_(files) {}

// --- Working

Result<Claim> JobStore::ClaimNext(const ClaimRequest& request) {
  return Write([&]() -> Result<Claim> {
    const Timestamp now = clock_.Now();
    GPEN_ASSIGN_OR_RETURN(std::vector<Job> running, table_->Running());
    for (Job& job : running) {
      if (job.lease_expires <= now) GPEN_TRY(LoseLease(&job, nullptr));
    }
    Claim claim;
    GPEN_ASSIGN_OR_RETURN(const bool paused, table_->IsPaused());
    if (!paused) {
      GPEN_ASSIGN_OR_RETURN(
          claim.job, table_->FirstClaimable(now, now + options_.max_backoff, request.lowest));
    }
    if (!claim.job) {
      GPEN_ASSIGN_OR_RETURN(claim.next_change, table_->NextChange(now));
      return claim;
    }
    Job& job = *claim.job;
    job.state = JobState::kRunning;
    job.owner = request.owner;
    job.fence += 1;
    job.attempts += 1;
    job.lease_expires = now + request.lease;
    job.heartbeat = job.started = now;
    job.twin = 0;
    job.step.clear();
    job.fraction = 0;
    GPEN_TRY(table_->Update(job));
    GPEN_TRY(Record(JobEventKind::kStarted, job));
    return claim;
  });
}

Result<Job> JobStore::FindLeased(const Lease& lease) {
  GPEN_ASSIGN_OR_RETURN(auto job, table_->Find(lease.job));
  if (!job || job->state != JobState::kRunning || job->owner != lease.owner ||
      job->fence != lease.fence) {
    return Error(ErrorCode::kConflict,
                 fmt::format("the lease {} of job {} is lost: {}", lease.fence, lease.job,
                             !job ? "the job was deleted"
                                  : fmt::format("the job is {}, with lease {}", NameOf(job->state),
                                                job->fence)));
  }
  return *std::move(job);
}

// A power cut ends the lease and the work of this process anyway.
Result<LeaseState> JobStore::Renew(const Lease& lease, Milliseconds duration) {
  return Write(
      [&]() -> Result<LeaseState> {
        GPEN_ASSIGN_OR_RETURN(Job job, FindLeased(lease));
        job.heartbeat = clock_.Now();
        job.lease_expires = job.heartbeat + duration;
        GPEN_TRY(table_->Update(job));
        return LeaseState{job.cancel_requested};
      },
      Durability::kLossy);
}

Result<LeaseState> JobStore::ReportProgress(const Lease& lease, const std::string& step,
                                            double fraction) {
  return Write(
      [&]() -> Result<LeaseState> {
        GPEN_ASSIGN_OR_RETURN(Job job, FindLeased(lease));
        job.step = step;
        job.fraction = std::clamp(fraction, 0.0, 1.0);
        GPEN_TRY(table_->Update(job));
        GPEN_TRY(Record(JobEventKind::kProgress, job));
        return LeaseState{job.cancel_requested};
      },
      Durability::kLossy);
}

Result<Job> JobStore::Complete(const Lease& lease, const JobResult& result) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindLeased(lease));
    job.result = result.text;
    job.result_bytes = result.bytes;
    GPEN_TRY(Finish(&job, JobState::kDone));
    GPEN_ASSIGN_OR_RETURN(std::vector<Job> twins, table_->WithKey(job.key));
    for (Job& twin : twins) {
      if (twin.state != JobState::kQueued) continue;
      twin.result = result.text;
      twin.result_bytes = result.bytes;
      twin.cached = true;
      twin.twin = job.id;
      GPEN_TRY(Finish(&twin, JobState::kDone));
    }
    return job;
  });
}

Result<Job> JobStore::Fail(const Lease& lease, const Error& error, bool retryable) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindLeased(lease));
    job.error_code = TraitsOf(error.code()).name;
    job.error_message = error.message();
    if (job.cancel_requested) {
      GPEN_TRY(Finish(&job, JobState::kCancelled));
    } else if (retryable && job.attempts < job.max_attempts) {
      GPEN_TRY(Requeue(&job, "after an error: " + error.message(),
                       clock_.Now() + Backoff(job.attempts)));
    } else {
      GPEN_TRY(Finish(&job, JobState::kFailed));
    }
    return job;
  });
}

Result<Job> JobStore::Release(const Lease& lease, const std::string& reason) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindLeased(lease));
    if (job.cancel_requested) {
      GPEN_TRY(Finish(&job, JobState::kCancelled));
    } else {
      job.attempts -= 1;
      GPEN_TRY(Requeue(&job, reason, clock_.Now()));
    }
    return job;
  });
}

Result<Job> JobStore::AcceptCancel(const Lease& lease) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindLeased(lease));
    GPEN_TRY(Finish(&job, JobState::kCancelled));
    return job;
  });
}

// --- What people do

Result<Job> JobStore::Cancel(JobId id) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindHere(id));
    if (IsFinished(job.state)) return WrongState(job, "cancel", " already");
    GPEN_TRY(CancelHere(&job));
    return job;
  });
}

Result<std::int64_t> JobStore::CancelBatch(BatchId id) {
  return Write([&]() -> Result<std::int64_t> {
    GPEN_TRY(FindBatchHere(id));
    JobFilter filter{.states = {JobState::kQueued, JobState::kRunning},
                     .batch = id,
                     .priority = {},
                     .text = {},
                     .limit = kMaxListed};
    std::int64_t count = 0;
    while (true) {
      GPEN_ASSIGN_OR_RETURN(std::vector<Job> jobs, table_->List(filter));
      for (Job& job : jobs) GPEN_TRY(CancelHere(&job));
      count += static_cast<std::int64_t>(jobs.size());
      if (jobs.size() < static_cast<std::size_t>(kMaxListed)) return count;
      filter.before = jobs.back().id;
    }
  });
}

Result<void> JobStore::CancelHere(Job* job) {
  if (job->state == JobState::kQueued) return Finish(job, JobState::kCancelled);
  if (job->cancel_requested) return {};
  job->cancel_requested = true;
  GPEN_TRY(table_->Update(*job));
  return Record(JobEventKind::kCancelRequested, *job);
}

Result<Job> JobStore::Retry(JobId id) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindHere(id));
    if (job.removing || (job.state != JobState::kFailed && job.state != JobState::kCancelled)) {
      return WrongState(job, "retry", ", only a failed or cancelled one can be tried again");
    }
    if (job.input_deleted) {
      return Error(ErrorCode::kConflict,
                   fmt::format("cannot retry job {}: its input is not kept any more; hand it in "
                               "again",
                               id));
    }
    job.attempts = 0;
    job.error_code.clear();
    job.error_message.clear();
    job.result.clear();
    job.result_bytes = 0;
    job.cached = false;
    job.twin = 0;
    GPEN_TRY(Requeue(&job, "tried again on request", clock_.Now()));
    GPEN_ASSIGN_OR_RETURN(const SubmitOutcome outcome, JoinTwin(&job));
    GPEN_TRY(table_->Update(job));
    if (outcome == SubmitOutcome::kCached) {
      GPEN_TRY(Record(JobEventKind::kFinished, job, "from the cache"));
    }
    return job;
  });
}

// --- Looking

Result<Job> JobStore::Find(JobId id) {
  const std::scoped_lock lock(mutex_);
  return FindHere(id);
}

Result<Job> JobStore::FindHere(JobId id) {
  GPEN_ASSIGN_OR_RETURN(auto job, table_->Find(id));
  if (!job) return NoSuchJob(id);
  return *std::move(job);
}

Result<std::vector<Job>> JobStore::List(const JobFilter& filter) {
  JobFilter checked = filter;
  checked.limit = std::clamp(filter.limit, 1, kMaxListed);
  const std::scoped_lock lock(mutex_);
  return table_->List(checked);
}

Result<Batch> JobStore::FindBatch(BatchId id) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto batch, FindBatchHere(id));
  GPEN_ASSIGN_OR_RETURN(batch.counts, table_->Count(id));
  return batch;
}

Result<Batch> JobStore::FindBatchHere(BatchId id) {
  GPEN_ASSIGN_OR_RETURN(auto batch, table_->FindBatch(id));
  if (batch) return *std::move(batch);
  return Error(ErrorCode::kNotFound,
               fmt::format("there is no batch {}; it may have been deleted", id));
}

Result<std::vector<Batch>> JobStore::ListBatches(BatchId before, int limit) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto batches,
                        table_->ListBatches(before, std::clamp(limit, 1, kMaxListed)));
  for (Batch& batch : batches) {
    GPEN_ASSIGN_OR_RETURN(batch.counts, table_->Count(batch.id));
  }
  return batches;
}

Result<QueueStatus> JobStore::Status() {
  const std::scoped_lock lock(mutex_);
  QueueStatus status;
  GPEN_ASSIGN_OR_RETURN(status.paused, table_->IsPaused());
  GPEN_ASSIGN_OR_RETURN(status.counts, table_->Count(std::nullopt));
  GPEN_ASSIGN_OR_RETURN(status.stored_bytes, table_->StoredBytes());
  GPEN_ASSIGN_OR_RETURN(status.last_sequence, table_->LastSequence());
  return status;
}

Result<void> JobStore::SetPaused(bool paused) {
  return Write([&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(const bool before, table_->IsPaused());
    if (before == paused) return {};
    GPEN_TRY(table_->SetPaused(paused));
    return Record(paused ? JobEventKind::kQueuePaused : JobEventKind::kQueueResumed, Job{});
  });
}

Result<void> JobStore::CopyTo(const std::filesystem::path& file) {
  const std::scoped_lock lock(mutex_);
  return table_->CopyTo(file);
}

Result<bool> JobStore::IsPaused() {
  const std::scoped_lock lock(mutex_);
  return table_->IsPaused();
}

Result<EventPage> JobStore::EventsAfter(std::int64_t after, int limit, const EventFilter& filter) {
  const int checked_limit = std::clamp(limit, 1, kMaxListed);
  const std::scoped_lock lock(mutex_);
  EventPage page;
  GPEN_ASSIGN_OR_RETURN(const std::int64_t first, table_->FirstSequence());
  GPEN_ASSIGN_OR_RETURN(const std::int64_t last, table_->LastSequence());
  // Above the last one: the client remembers a queue that is no longer there.
  page.gap = after > last || (first > 0 ? first > after + 1 : after < last);
  GPEN_ASSIGN_OR_RETURN(page.events, table_->EventsAfter(after, checked_limit, filter));
  const bool more = page.events.size() == static_cast<std::size_t>(checked_limit);
  page.last = more ? page.events.back().sequence : last;
  return page;
}

Subscription JobStore::Subscribe(std::function<void(const JobEvent&)> callback) {
  return {hub_, hub_->Add(std::move(callback))};
}

// --- Steps of the above

Result<void> JobStore::Record(JobEventKind kind, const Job& job, const std::string& message) {
  JobEvent event{.sequence = 0,
                 .time = clock_.Now(),
                 .kind = kind,
                 .job = job.id,
                 .batch = job.batch,
                 .state = job.state,
                 .step = job.step,
                 .fraction = job.fraction,
                 .message = message};
  GPEN_ASSIGN_OR_RETURN(event.sequence, table_->AppendEvent(event, options_.events_kept));
  events_.push_back(std::move(event));
  return {};
}

Result<void> JobStore::Finish(Job* job, JobState state) {
  job->state = state;
  job->finished = clock_.Now();
  job->owner.clear();
  job->cancel_requested = false;
  if (state == JobState::kDone) {
    job->step.clear();
    job->fraction = 1;
    job->error_code.clear();
    job->error_message.clear();
  }
  GPEN_TRY(table_->Update(*job));
  return Record(JobEventKind::kFinished, *job, job->error_message);
}

Result<void> JobStore::Requeue(Job* job, const std::string& reason, Timestamp not_before) {
  job->state = JobState::kQueued;
  job->not_before = not_before;
  job->finished = {};
  job->owner.clear();
  job->cancel_requested = false;
  job->step.clear();
  job->fraction = 0;
  GPEN_TRY(table_->Update(*job));
  return Record(JobEventKind::kRequeued, *job, reason);
}

Result<void> JobStore::LoseLease(Job* job, ReconcileReport* report) {
  ReconcileReport ignored;
  ReconcileReport& counts = report != nullptr ? *report : ignored;
  if (job->cancel_requested) {
    ++counts.cancelled;
    return Finish(job, JobState::kCancelled);
  }
  if (job->attempts < job->max_attempts) {
    ++counts.requeued;
    return Requeue(job, "its worker stopped (crash, power cut or restart)", clock_.Now());
  }
  job->error_code = TraitsOf(ErrorCode::kInternal).name;
  job->error_message = fmt::format(
      "the worker stopped {} times while working on it (crash, power cut or out of memory); see "
      "the log of the service, then retry",
      job->attempts);
  ++counts.failed;
  return Finish(job, JobState::kFailed);
}

Milliseconds JobStore::Backoff(int attempts) const {
  Milliseconds backoff = options_.first_backoff;
  for (int i = 1; i < attempts && backoff < options_.max_backoff; ++i) backoff *= 2;
  return std::min(backoff, options_.max_backoff);
}

}  // namespace gpen::jobs
