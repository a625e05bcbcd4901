// The part of JobStore that takes jobs in: room in the queue, batches, and jobs that are known
// already.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error_table.h"
#include "jobs/job_store.h"

namespace gpen::jobs {
namespace {

constexpr int kMostTwinsAsked = 8;

Result<void> CheckNewJobs(const std::vector<NewJob>& jobs) {
  const bool sound = std::ranges::all_of(
      jobs, [](const NewJob& job) { return !job.key.empty() && job.max_attempts >= 1; });
  if (sound && !jobs.empty()) return {};
  return Error(ErrorCode::kInvalidArgument,
               "expected at least one job, each with a key that is not empty and at least one "
               "attempt");
}

}  // namespace

Result<Submitted> JobStore::Submit(const NewJob& job) {
  GPEN_ASSIGN_OR_RETURN(auto submitted, SubmitAll({job}));
  return std::move(submitted.front());
}

Result<std::vector<Submitted>> JobStore::SubmitAll(const std::vector<NewJob>& jobs,
                                                   const std::optional<std::string>& new_batch) {
  GPEN_TRY(CheckNewJobs(jobs));
  return Write([&]() -> Result<std::vector<Submitted>> {
    std::optional<Batch> batch;
    if (new_batch) {
      GPEN_ASSIGN_OR_RETURN(batch, MakeBatch(*new_batch, jobs.front().added_by));
    }
    std::vector<Submitted> submitted;
    for (NewJob job : jobs) {
      if (batch) job.batch = batch->id;
      GPEN_ASSIGN_OR_RETURN(auto one, SubmitHere(job));
      submitted.push_back(std::move(one));
    }
    GPEN_TRY(CheckRoom(submitted));
    return submitted;
  });
}

Result<Submitted> JobStore::SubmitHere(const NewJob& submitted) {
  if (submitted.batch != 0) GPEN_TRY(CheckBatchHere(submitted.batch, submitted.added_by));
  Submitted answer;
  Job& job = answer.job;
  job.priority = submitted.priority;
  job.key = submitted.key;
  job.name = submitted.name;
  job.payload = submitted.payload;
  job.input_bytes = submitted.input_bytes;
  job.batch = submitted.batch;
  job.max_attempts = submitted.max_attempts;
  job.added_by = submitted.added_by;
  job.created = job.not_before = clock_.Now();
  if (submitted.refusal) {
    Refuse(*submitted.refusal, &answer);
  } else {
    GPEN_ASSIGN_OR_RETURN(answer.outcome, JoinTwin(&job));
  }
  GPEN_ASSIGN_OR_RETURN(job.id, table_->Insert(job));
  GPEN_TRY(Record(JobEventKind::kCreated, job));
  if (IsFinished(job.state)) {
    GPEN_TRY(Record(JobEventKind::kFinished, job,
                    submitted.refusal ? job.error_message : "from the cache"));
  }
  return answer;
}

Result<void> JobStore::CheckBatch(BatchId id, PersonId person) {
  const std::scoped_lock lock(mutex_);
  return CheckBatchHere(id, person);
}

Result<void> JobStore::CheckBatchHere(BatchId id, PersonId person) {
  GPEN_ASSIGN_OR_RETURN(const Batch batch, FindBatchHere(id));
  return batch.added_by == person ? Result<void>() : NoSuchBatch(id);
}

void JobStore::Refuse(const Error& refusal, Submitted* answer) {
  answer->outcome = SubmitOutcome::kRefused;
  Job& job = answer->job;
  job.state = JobState::kFailed;
  job.input_deleted = true;
  job.error_code = TraitsOf(refusal.code()).name;
  job.error_message = refusal.message();
  job.finished = clock_.Now();
}

Result<void> JobStore::CheckRoom(const std::vector<Submitted>& submitted) {
  const auto added = std::ranges::count_if(
      submitted, [](const Submitted& one) { return !IsFinished(one.job.state); });
  if (added == 0) return {};
  if (added > options_.max_queued) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("the queue takes at most {} jobs, found {} new ones: hand them in in "
                             "smaller parts",
                             options_.max_queued, added));
  }
  GPEN_ASSIGN_OR_RETURN(const JobCounts counts, table_->Count(std::nullopt));
  if (counts[JobState::kQueued] <= options_.max_queued) return {};
  return Error(ErrorCode::kQueueFull,
               fmt::format("the queue is full: {} jobs wait, the limit is {}, and {} more have no "
                           "room; try again when some are done",
                           counts[JobState::kQueued] - added, options_.max_queued, added));
}

Result<SubmitOutcome> JobStore::JoinTwin(Job* job) {
  // The newest first: its file is the one most likely to be there. All of them share one file, so a
  // few tell as much as thousands.
  GPEN_ASSIGN_OR_RETURN(const std::vector<Job> done,
                        table_->WithKey({job->key, JobState::kDone, true, kMostTwinsAsked}));
  for (const Job& other : done) {
    if (other.id == job->id || files_.FindResult(other) != FileState::kPresent) continue;
    job->state = JobState::kDone;
    job->result = other.result;
    job->result_bytes = other.result_bytes;
    job->cached = true;
    job->twin = other.id;
    job->fraction = 1;
    job->finished = clock_.Now();
    return SubmitOutcome::kCached;
  }
  for (const JobState state : {JobState::kRunning, JobState::kQueued}) {
    GPEN_ASSIGN_OR_RETURN(const std::vector<Job> others,
                          table_->WithKey({job->key, state, false, 2}));
    for (const Job& other : others) {
      if (other.id == job->id) continue;
      job->twin = other.id;
      return SubmitOutcome::kJoined;
    }
  }
  return SubmitOutcome::kQueued;
}

Result<Batch> JobStore::CreateBatch(const std::string& name, PersonId added_by) {
  return Write([&] { return MakeBatch(name, added_by); });
}

Result<Batch> JobStore::MakeBatch(const std::string& name, PersonId added_by) {
  Batch batch;
  batch.name = name;
  batch.added_by = added_by;
  batch.created = clock_.Now();
  GPEN_ASSIGN_OR_RETURN(batch.id, table_->InsertBatch(batch));
  return batch;
}

}  // namespace gpen::jobs
