// The part of JobStore that deletes by age and by bytes, in the bin and outside.
#include <utility>

#include "jobs/job_store.h"

namespace gpen::jobs {
namespace {

constexpr int kMostByBytes = 1000;
constexpr auto kEmptyBatchAge = std::chrono::hours(24);
// Later than every job, and still far from the end of 64-bit milliseconds.
constexpr Timestamp kEndOfTime{std::chrono::sys_days{std::chrono::year{9999} / 1 / 1}};

// Two ends of one job may meet here (a person deletes, pins or puts back what retention has
// chosen): not a problem.
void Note(const Error& error, RetentionReport* report) {
  if (error.code() != ErrorCode::kNotFound && error.code() != ErrorCode::kConflict) {
    report->problems.push_back(error.message());
  }
}

}  // namespace

Result<std::vector<Job>> JobStore::FinishedBefore(Timestamp time, bool with_input, int limit) {
  const std::scoped_lock lock(mutex_);
  return table_->FinishedBefore(time, with_input, limit);
}

Result<std::vector<Job>> JobStore::BinnedBefore(Timestamp time, int limit) {
  const std::scoped_lock lock(mutex_);
  return table_->BinnedBefore(time, limit);
}

std::int64_t JobStore::RemoveChosen(const Job& job, RetentionReport* report) {
  // What a person has changed since it was chosen stays. Marked, it cannot be changed any more.
  const auto mark = [&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(Job now, FindKept(job.id));
    if (now.binned != job.binned || now.pinned != job.pinned || now.finished != job.finished) {
      return Error(ErrorCode::kConflict, "it changed meanwhile");
    }
    now.removing = true;
    return table_->Update(now);
  };
  if (const auto marked = Write(mark); !marked) {
    Note(marked.error(), report);
    return 0;
  }
  const auto freed = Remove(job.id);
  if (!freed) {
    Note(freed.error(), report);
    return 0;
  }
  ++report->jobs_deleted;
  report->bytes_freed += *freed;
  return *freed;
}

Result<void> JobStore::DropOldInputs(Timestamp before, int most, RetentionReport* report) {
  GPEN_ASSIGN_OR_RETURN(const auto jobs, FinishedBefore(before, true, most));
  for (const Job& job : jobs) {
    if (const auto freed = DropInput(job)) {
      ++report->inputs_deleted;
      report->bytes_freed += *freed;
    } else {
      Note(freed.error(), report);
    }
  }
  return {};
}

Result<void> JobStore::ShrinkTo(std::int64_t max_bytes, RetentionReport* report) {
  GPEN_ASSIGN_OR_RETURN(const QueueStatus status, Status());
  std::int64_t stored = status.stored_bytes;
  const auto remove = [&](const std::vector<Job>& jobs) {
    for (const Job& job : jobs) {
      if (stored <= max_bytes) return;
      stored -= RemoveChosen(job, report);
    }
  };
  if (stored <= max_bytes) return {};
  GPEN_ASSIGN_OR_RETURN(const auto binned, BinnedBefore(kEndOfTime, kMostByBytes));
  remove(binned);
  if (stored <= max_bytes || binned.size() == kMostByBytes) return {};
  GPEN_ASSIGN_OR_RETURN(const auto finished, FinishedBefore(kEndOfTime, false, kMostByBytes));
  remove(finished);
  return {};
}

Result<RetentionReport> JobStore::ShrinkBin(Timestamp time, int most) {
  RetentionReport report;
  GPEN_ASSIGN_OR_RETURN(const auto jobs, BinnedBefore(time, most));
  for (const Job& job : jobs) RemoveChosen(job, &report);
  return report;
}

Result<RetentionReport> JobStore::ApplyRetention(const RetentionPolicy& policy) {
  const Timestamp now = clock_.Now();
  RetentionReport report;
  if (policy.bin_max_age) {
    GPEN_ASSIGN_OR_RETURN(report, ShrinkBin(now - *policy.bin_max_age, policy.most_by_age));
  }
  if (policy.max_age) {
    GPEN_ASSIGN_OR_RETURN(const auto jobs,
                          FinishedBefore(now - *policy.max_age, false, policy.most_by_age));
    for (const Job& job : jobs) RemoveChosen(job, &report);
  }
  if (policy.input_max_age) {
    GPEN_TRY(DropOldInputs(now - *policy.input_max_age, policy.most_by_age, &report));
  }
  if (policy.max_bytes) GPEN_TRY(ShrinkTo(*policy.max_bytes, &report));
  GPEN_TRY(Write([&] { return table_->EraseEmptyBatches(now - kEmptyBatchAge); }));
  return report;
}

}  // namespace gpen::jobs
