#include "jobs/job_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error_table.h"

namespace gpen::jobs {
namespace {

constexpr int kMaxListed = 500;

Error WrongState(const Job& job, std::string_view action, std::string_view remedy) {
  return Error(ErrorCode::kConflict, fmt::format("cannot {} job {}: it is {}{}", action, job.id,
                                                 NameOf(job.state), remedy));
}

}  // namespace

Error NoSuchJob(JobId id) {
  return {ErrorCode::kNotFound, fmt::format("there is no job {}; it may have been deleted", id)};
}

Error NoSuchBatch(BatchId id) {
  return {ErrorCode::kNotFound, fmt::format("there is no batch {}; it may have been deleted", id)};
}

JobStore::JobStore(std::unique_ptr<JobTable> table, const JobStoreOptions& options,
                   const Clock& clock, JobFiles& files)
    : table_(std::move(table)), options_(options), clock_(clock), files_(files) {}

// --- What people do

Result<Job> JobStore::Cancel(JobId id) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindVisible(id));
    if (IsFinished(job.state)) return WrongState(job, "cancel", " already");
    GPEN_TRY(CancelHere(&job));
    return job;
  });
}

Result<std::int64_t> JobStore::CancelBatch(BatchId id) {
  JobFilter filter{.states = {JobState::kQueued, JobState::kRunning},
                   .batch = id,
                   .priority = {},
                   .text = {},
                   .limit = kMaxListed};
  std::int64_t count = 0;
  const auto cancel_page = [&]() -> Result<bool> {
    GPEN_TRY(FindBatchHere(id));
    GPEN_ASSIGN_OR_RETURN(std::vector<Job> jobs, table_->List(filter));
    for (Job& job : jobs) GPEN_TRY(CancelHere(&job));
    count += static_cast<std::int64_t>(jobs.size());
    if (jobs.size() < static_cast<std::size_t>(kMaxListed)) return false;
    filter.before = jobs.back().id;
    return true;
  };
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const bool more, Write(cancel_page));
    if (!more) return count;
  }
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
    GPEN_ASSIGN_OR_RETURN(Job job, FindVisible(id));
    if (job.state != JobState::kFailed && job.state != JobState::kCancelled) {
      return WrongState(job, "retry", ", only a failed or cancelled one can be tried again");
    }
    if (job.input_deleted) {
      return Error(ErrorCode::kConflict,
                   fmt::format("cannot retry job {}: its input is not kept any more; hand it in "
                               "again",
                               id));
    }
    job.attempts = 0;
    job.postponed = 0;
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
  return FindVisible(id);
}

Result<Job> JobStore::FindKept(JobId id) {
  GPEN_ASSIGN_OR_RETURN(auto job, FindHere(id));
  if (job.removing) return NoSuchJob(id);
  return job;
}

Result<Job> JobStore::FindVisible(JobId id) {
  GPEN_ASSIGN_OR_RETURN(auto job, FindKept(id));
  if (job.is_binned()) {
    return Error(ErrorCode::kNotFound, fmt::format("job {} is in the bin: put it back first", id));
  }
  return job;
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
  if (batch.counts.total() > 0) return batch;
  GPEN_ASSIGN_OR_RETURN(const auto binned, table_->CountBinned(id));
  if (binned == 0) return batch;
  return Error(ErrorCode::kNotFound, fmt::format("batch {} is in the bin: put it back first", id));
}

Result<Batch> JobStore::FindBatchHere(BatchId id) {
  GPEN_ASSIGN_OR_RETURN(auto batch, table_->FindBatch(id));
  if (batch) return *std::move(batch);
  return NoSuchBatch(id);
}

Result<std::optional<PersonId>> JobStore::PersonOfJob(JobId id) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(const auto job, table_->Find(id));
  return job ? std::optional(job->added_by) : std::nullopt;
}

Result<std::optional<PersonId>> JobStore::PersonOfBatch(BatchId id) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(const auto batch, table_->FindBatch(id));
  return batch ? std::optional(batch->added_by) : std::nullopt;
}

Result<std::vector<Batch>> JobStore::ListBatches(BatchId before, int limit,
                                                 std::optional<PersonId> added_by) {
  const std::scoped_lock lock(mutex_);
  GPEN_ASSIGN_OR_RETURN(auto batches,
                        table_->ListBatches(before, std::clamp(limit, 1, kMaxListed), added_by));
  for (Batch& batch : batches) {
    GPEN_ASSIGN_OR_RETURN(batch.counts, table_->Count(batch.id));
  }
  return batches;
}

Result<QueueStatus> JobStore::Status(std::optional<PersonId> added_by) {
  const std::scoped_lock lock(mutex_);
  QueueStatus status;
  GPEN_ASSIGN_OR_RETURN(status.paused, table_->IsPaused());
  if (added_by) {
    GPEN_ASSIGN_OR_RETURN(const PersonTotals totals, table_->TotalsOf(*added_by));
    status.counts = totals.counts;
    status.stored_bytes = totals.stored_bytes;
    status.binned = totals.binned;
  } else {
    GPEN_ASSIGN_OR_RETURN(status.counts, table_->Count(std::nullopt));
    GPEN_ASSIGN_OR_RETURN(status.stored_bytes, table_->StoredBytes());
    GPEN_ASSIGN_OR_RETURN(status.binned, table_->CountBinned(std::nullopt));
  }
  GPEN_ASSIGN_OR_RETURN(status.postponed, table_->Postponed(added_by));
  GPEN_ASSIGN_OR_RETURN(status.last_sequence, table_->LastSequence());
  return status;
}

Result<std::int64_t> JobStore::WaitingBytes() {
  const std::scoped_lock lock(mutex_);
  return table_->WaitingBytes();
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
                 .message = message,
                 .added_by = job.added_by};
  GPEN_ASSIGN_OR_RETURN(event.sequence, table_->AppendEvent(event, options_.events_kept));
  events_.push_back(std::move(event));
  return {};
}

Result<void> JobStore::Finish(Job* job, JobState state) {
  job->state = state;
  job->finished = clock_.Now();
  job->owner.clear();
  job->cancel_requested = false;
  job->postponed = 0;
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
