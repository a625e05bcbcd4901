// The part of JobStore that is about the bin, and about pins.
#include <fmt/format.h>

#include "jobs/job_store.h"

namespace gpen::jobs {

Result<void> JobStore::Bin(JobId id) {
  const auto cancel = [&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindVisible(id));
    if (job.state == JobState::kRunning) {
      return Error(ErrorCode::kConflict,
                   fmt::format("cannot delete job {}: it is running; cancel it first", id));
    }
    return job.state == JobState::kQueued ? CancelHere(&job) : Result<void>();
  };
  // Before, so that whoever waits for it still finds that it was cancelled.
  GPEN_TRY(Write(cancel));
  return Write([&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindVisible(id));
    if (!IsFinished(job.state)) {
      return Error(ErrorCode::kConflict,
                   fmt::format("cannot delete job {}: it was tried again meanwhile", id));
    }
    job.binned = clock_.Now();
    GPEN_TRY(table_->Update(job));
    return Record(JobEventKind::kBinned, job);
  });
}

Result<void> JobStore::BinBatch(BatchId id) {
  GPEN_TRY(FindBatch(id));  // Not one that is in the bin already.
  return TakeAwayBatch(id, false);
}

Result<void> JobStore::BinBatchHere(BatchId id, const JobCounts& counts) {
  // Without a photo there is nothing that could be put back.
  if (counts.total() == 0) return table_->MarkBatch(id, clock_.Now());
  GPEN_TRY(table_->BinBatch(id, clock_.Now()));
  GPEN_ASSIGN_OR_RETURN(const Batch batch, FindBatchHere(id));
  Job all;
  all.batch = id;
  all.added_by = batch.added_by;
  return Record(JobEventKind::kBinned, all);
}

Result<Job> JobStore::FindBinned(JobId id) {
  const std::scoped_lock lock(mutex_);
  return FindBinnedHere(id);
}

Result<Job> JobStore::FindBinnedHere(JobId id) {
  GPEN_ASSIGN_OR_RETURN(auto job, FindKept(id));
  if (job.is_binned()) return job;
  return Error(ErrorCode::kNotFound, fmt::format("job {} is not in the bin", id));
}

Result<Job> JobStore::PutBack(JobId id) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindBinnedHere(id));
    job.binned = {};
    GPEN_TRY(table_->Update(job));
    GPEN_TRY(Record(JobEventKind::kPutBack, job));
    return job;
  });
}

Result<Batch> JobStore::PutBackBatch(BatchId id) {
  return Write([&]() -> Result<Batch> {
    GPEN_ASSIGN_OR_RETURN(Batch batch, FindBatchHere(id));
    GPEN_ASSIGN_OR_RETURN(const auto binned, table_->CountBinned(id));
    if (binned == 0) {
      return Error(ErrorCode::kNotFound, fmt::format("of batch {} nothing is in the bin", id));
    }
    GPEN_TRY(table_->PutBackBatch(id));
    Job all;
    all.batch = id;
    all.added_by = batch.added_by;
    GPEN_TRY(Record(JobEventKind::kPutBack, all));
    GPEN_ASSIGN_OR_RETURN(batch.counts, table_->Count(id));
    return batch;
  });
}

Result<void> JobStore::EmptyBin(std::optional<PersonId> added_by) {
  return Write([&] { return table_->MarkBin(added_by); });
}

Result<Job> JobStore::SetPinned(JobId id, bool pinned) {
  return Write([&]() -> Result<Job> {
    GPEN_ASSIGN_OR_RETURN(Job job, FindVisible(id));
    if (job.pinned == pinned) return job;
    job.pinned = pinned;
    GPEN_TRY(table_->Update(job));
    GPEN_TRY(Record(JobEventKind::kPinned, job));
    return job;
  });
}

}  // namespace gpen::jobs
