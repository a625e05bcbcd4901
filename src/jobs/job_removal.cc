// The part of JobStore that deletes for good: single jobs, batches, and after a crash.
//
// A job that goes is first marked, then its files are deleted without the lock, then its row goes.
// The mark keeps others from answering from it, and after a crash Reconcile() finds it.
#include <fmt/format.h>

#include <utility>

#include "base/error_table.h"
#include "jobs/job_store.h"

namespace gpen::jobs {
namespace {

constexpr int kMostAtOnce = 1000;

bool HasInput(const Job& job) { return job.input_bytes > 0; }

}  // namespace

Result<void> JobStore::Delete(JobId id) {
  {
    const std::scoped_lock lock(mutex_);
    GPEN_TRY(FindKept(id));
  }
  GPEN_TRY(Remove(id));
  return {};
}

Result<std::int64_t> JobStore::Remove(JobId id) {
  bool shared = false;
  Timestamp binned;
  const auto mark = [&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindHere(id));
    if (job.state == JobState::kRunning) {
      return Error(ErrorCode::kConflict,
                   fmt::format("cannot delete job {}: it is running; cancel it first", id));
    }
    if (job.state == JobState::kQueued) GPEN_TRY(Finish(&job, JobState::kCancelled));
    // Not of the bin any more, where RemoveMarked() would take it too.
    binned = std::exchange(job.binned, Timestamp());
    job.removing = true;
    GPEN_TRY(table_->Update(job));
    GPEN_ASSIGN_OR_RETURN(shared, SharesResult(job));
    return job;
  };
  GPEN_ASSIGN_OR_RETURN(Job job, Write(mark));
  auto freed = DeleteFiles(job, shared);
  const auto settle = [&]() -> Result<void> {
    job.binned = binned;
    if (freed) return EraseHere(job);
    // Visible again, so that the owner sees it and may try again.
    job.removing = false;
    return table_->Update(job);
  };
  GPEN_TRY(Write(settle));
  return freed;
}

Result<void> JobStore::EraseHere(const Job& job) {
  GPEN_TRY(table_->Erase(job.id));
  // A batch that went by the bin is gone with its last job.
  if (job.is_binned() && job.batch != 0) GPEN_TRY(table_->EraseBatchIfEmpty(job.batch));
  return Record(JobEventKind::kDeleted, job);
}

Result<std::int64_t> JobStore::DeleteFiles(const Job& job, bool result_is_shared) {
  std::int64_t freed = 0;
  if (job.state == JobState::kDone && !result_is_shared) {
    if (auto deleted = files_.DeleteResult(job); !deleted) {
      return std::move(deleted).error().WithContext(fmt::format("deleting job {}", job.id));
    }
    freed += job.result_bytes;
  }
  if (auto deleted = files_.DeleteOwn(job); !deleted) {
    return std::move(deleted).error().WithContext(fmt::format("deleting job {}", job.id));
  }
  if (HasInput(job)) {
    if (auto deleted = files_.DeleteInput(job); !deleted) {
      return std::move(deleted).error().WithContext(fmt::format("deleting job {}", job.id));
    }
    freed += job.input_bytes;
  }
  return freed;
}

// `job` is being removed, so that it is not among the others. A running one is about to write the
// same file.
Result<bool> JobStore::SharesResult(const Job& job) {
  for (const JobState state : {JobState::kDone, JobState::kRunning}) {
    GPEN_ASSIGN_OR_RETURN(const auto others, table_->WithKey({job.key, state, true, 1}));
    if (!others.empty()) return true;
  }
  return false;
}

Result<void> JobStore::DeleteBatch(BatchId id) { return TakeAwayBatch(id, true); }

Result<void> JobStore::TakeAwayBatch(BatchId id, bool for_good) {
  const auto mark = [&]() -> Result<std::int64_t> {
    GPEN_TRY(FindBatchHere(id));
    GPEN_ASSIGN_OR_RETURN(const JobCounts counts, table_->Count(id));
    if (counts[JobState::kRunning] > 0) return counts[JobState::kRunning];
    if (for_good) {
      GPEN_TRY(table_->MarkBatch(id, clock_.Now()));
    } else {
      GPEN_TRY(BinBatchHere(id, counts));
    }
    return 0;
  };
  GPEN_ASSIGN_OR_RETURN(const std::int64_t running, Write(mark));
  if (running == 0) return {};
  GPEN_TRY(CancelBatch(id));
  return Error(ErrorCode::kConflict,
               fmt::format("cannot delete batch {}: {} of its jobs were running and are being "
                           "cancelled; try again in a moment",
                           id, running));
}

Result<bool> JobStore::RemoveMarked(int most) {
  struct Removal {
    Job job;
    bool shared = false;
    bool deleted = false;
  };
  std::vector<Removal> removals;
  const auto take = [&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(const auto jobs, table_->Removing(RemovalOf::kMany, most));
    for (const Job& job : jobs) {
      GPEN_ASSIGN_OR_RETURN(const bool shared, SharesResult(job));
      removals.push_back({job, shared});
    }
    return jobs.empty() ? table_->EraseRemovedBatches() : Result<void>();
  };
  GPEN_TRY(Write(take));
  if (removals.empty()) return false;
  std::optional<Error> failed;
  for (Removal& removal : removals) {
    const auto freed = DeleteFiles(removal.job, removal.shared);
    removal.deleted = freed.has_value();
    if (!freed) failed = freed.error();
  }
  const auto settle = [&]() -> Result<void> {
    for (Removal& removal : removals) {
      if (removal.deleted) {
        GPEN_TRY(EraseHere(removal.job));
        continue;
      }
      // Visible again, there or in the bin, so that the owner sees it and may try again.
      if (removal.job.batch != 0) {
        GPEN_TRY(table_->UnmarkBatch(removal.job.batch));
      } else {
        removal.job.removing = false;
        GPEN_TRY(table_->Update(removal.job));
      }
    }
    return {};
  };
  GPEN_TRY(Write(settle));
  if (failed) return *failed;
  return true;
}

Result<std::int64_t> JobStore::DropInput(const Job& selected) {
  // Marked before the file goes: a retry in between must not find half of its job.
  const auto mark = [&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindHere(selected.id));
    if (!IsFinished(job.state) || job.removing || job.pinned || !HasInput(job)) {
      return Error(ErrorCode::kConflict, fmt::format("job {} changed meanwhile", job.id));
    }
    job.input_deleted = true;
    GPEN_TRY(table_->Update(job));
    return job;
  };
  GPEN_ASSIGN_OR_RETURN(const Job job, Write(mark));
  if (auto deleted = files_.DeleteInput(job); !deleted) {
    return std::move(deleted).error().WithContext(fmt::format("the input of job {}", job.id));
  }
  const auto settle = [&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(auto now, table_->Find(job.id));
    if (!now) return {};
    now->input_bytes = 0;
    return table_->Update(*now);
  };
  GPEN_TRY(Write(settle));
  return job.input_bytes;
}

Result<ReconcileReport> JobStore::Reconcile(
    const std::function<bool(const std::string& owner)>& owner_is_alive) {
  ReconcileReport report;
  const auto put_back = [&]() -> Result<std::vector<Job>> {
    GPEN_ASSIGN_OR_RETURN(std::vector<Job> running, table_->Running());
    for (Job& job : running) {
      if (job.lease_expires <= clock_.Now() || !owner_is_alive(job.owner)) {
        GPEN_TRY(LoseLease(&job, &report));
      }
    }
    return table_->Removing(RemovalOf::kSingleJobs, kMostAtOnce);
  };
  GPEN_ASSIGN_OR_RETURN(const std::vector<Job> removing, Write(put_back));
  for (const Job& job : removing) {
    // What still cannot be deleted becomes visible again, and retention comes back to it.
    if (auto removed = Remove(job.id); !removed && removed.error().code() == ErrorCode::kInternal) {
      return std::move(removed).error();
    }
  }
  GPEN_TRY(FailMissingResults(&report));
  return report;
}

Result<void> JobStore::FailMissingResults(ReconcileReport* report) {
  JobFilter filter{.states = {JobState::kDone},
                   .batch = {},
                   .priority = {},
                   .text = {},
                   .limit = 500,
                   .bin = BinFilter::kToo};
  while (true) {
    const auto check_page = [&]() -> Result<bool> {
      GPEN_ASSIGN_OR_RETURN(std::vector<Job> jobs, table_->List(filter));
      for (Job& job : jobs) {
        if (job.removing || files_.FindResult(job) != FileState::kMissing) continue;
        job.error_code = TraitsOf(ErrorCode::kNotFound).name;
        job.error_message = "the file of its result is gone; retry to compute it again";
        GPEN_TRY(Finish(&job, JobState::kFailed));
        ++report->results_missing;
      }
      if (jobs.size() < static_cast<std::size_t>(filter.limit)) return false;
      filter.before = jobs.back().id;
      return true;
    };
    GPEN_ASSIGN_OR_RETURN(const bool more, Write(check_page));
    if (!more) return {};
  }
}

}  // namespace gpen::jobs
