// The part of JobStore that workers call: claims, leases and the ends of runs.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error_table.h"
#include "jobs/job_store.h"

namespace gpen::jobs {
namespace {

// Of one transaction: nobody waits longer than that for the queue.
constexpr int kMostAtOnce = 200;

void NoteError(const Error& error, Job* job) {
  job->error_code = TraitsOf(error.code()).name;
  job->error_message = error.message();
}

}  // namespace

Result<Claim> JobStore::ClaimNext(const ClaimRequest& request) {
  return Write([&]() -> Result<Claim> {
    const Timestamp now = clock_.Now();
    GPEN_ASSIGN_OR_RETURN(std::vector<Job> running, table_->Running());
    for (Job& job : running) {
      if (job.lease_expires <= now) GPEN_TRY(LoseLease(&job, nullptr));
    }
    Claim claim;
    GPEN_ASSIGN_OR_RETURN(const bool paused, table_->IsPaused());
    // Twins of a job that is done are answered, not computed.
    for (int i = 0; i < kMostAtOnce && !paused; ++i) {
      GPEN_ASSIGN_OR_RETURN(claim.job,
                            table_->FirstClaimable(now, now + options_.max_backoff, request.what));
      if (!claim.job) break;
      GPEN_ASSIGN_OR_RETURN(const SubmitOutcome outcome, JoinTwin(&*claim.job));
      if (outcome != SubmitOutcome::kCached) break;
      GPEN_TRY(Finish(&*claim.job, JobState::kDone));
      claim.job.reset();
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
  int twins = 0;
  const auto complete = [&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindLeased(lease));
    job.result = result.text;
    job.result_bytes = result.bytes;
    GPEN_TRY(Finish(&job, JobState::kDone));
    GPEN_ASSIGN_OR_RETURN(twins, CompleteTwins(job));
    return job;
  };
  GPEN_ASSIGN_OR_RETURN(const Job done, Write(complete));
  // What is left where this fails is answered when it is claimed.
  while (twins == kMostAtOnce) {
    const auto more = Write([&] { return CompleteTwins(done); });
    twins = more.value_or(0);
  }
  return done;
}

Result<int> JobStore::CompleteTwins(const Job& job) {
  GPEN_ASSIGN_OR_RETURN(std::vector<Job> twins,
                        table_->WithKey({job.key, JobState::kQueued, false, kMostAtOnce}));
  for (Job& twin : twins) {
    twin.result = job.result;
    twin.result_bytes = job.result_bytes;
    twin.cached = true;
    twin.twin = job.id;
    GPEN_TRY(Finish(&twin, JobState::kDone));
  }
  return static_cast<int>(twins.size());
}

Result<Job> JobStore::Fail(const Lease& lease, const Error& error, bool retryable) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindLeased(lease));
    NoteError(error, &job);
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

Result<Job> JobStore::Postpone(const Lease& lease, const Error& error, std::optional<int> most) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindLeased(lease));
    NoteError(error, &job);
    if (job.cancel_requested) {
      GPEN_TRY(Finish(&job, JobState::kCancelled));
    } else if (most && job.postponed >= *most) {
      GPEN_TRY(Finish(&job, JobState::kFailed));
    } else {
      job.attempts -= 1;
      job.postponed += 1;
      GPEN_TRY(Requeue(&job, "held: " + error.message(), clock_.Now() + Backoff(job.postponed)));
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

}  // namespace gpen::jobs
