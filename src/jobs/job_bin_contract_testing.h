// What the bin and pins must do on every JobTable: another typed test suite, with the Maker of
// job_store_contract_testing.h.
#pragma once

#include <string>
#include <vector>

#include "jobs/job_store_contract_testing.h"

namespace gpen::jobs {

template <typename Maker>
class JobBinContract : public JobStoreContract<Maker> {
 protected:
  // Everything in the bin, newest id first.
  std::vector<JobId> Binned() {
    JobFilter filter;
    filter.bin = BinFilter::kOnly;
    std::vector<JobId> ids;
    const auto jobs = this->store_->List(filter).value();
    for (const Job& job : jobs) ids.push_back(job.id);
    return ids;
  }
  Job FinishWithInput(const std::string& key, std::int64_t bytes) {
    NewJob job = this->New(key);
    job.input_bytes = bytes;
    this->Submit(job);
    return *this->store_->Complete(this->Claim()->lease(), {"result of " + key, bytes});
  }
  Job SubmitTo(BatchId batch, const std::string& key) {
    NewJob job = this->New(key);
    job.batch = batch;
    return this->Submit(job);
  }
};

TYPED_TEST_SUITE_P(JobBinContract);

TYPED_TEST_P(JobBinContract, WhatIsInTheBinIsNeitherFoundNorCountedAndComesBackAsItWas) {
  const Job job = this->FinishWithInput("k", 5);
  this->clock_.Advance(hours(1));
  ASSERT_TRUE(this->store_->Bin(job.id));
  EXPECT_EQ(this->CodeOf(this->store_->Find(job.id)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->Retry(job.id)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->Cancel(job.id)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->Bin(job.id)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->SetPinned(job.id, true)), ErrorCode::kNotFound);
  EXPECT_TRUE(this->store_->List({})->empty());
  const auto status = this->store_->Status().value();
  EXPECT_EQ(status.counts.total(), 0);
  EXPECT_EQ(status.binned, 1);
  EXPECT_EQ(status.stored_bytes, 10) << "its files are still there";
  EXPECT_TRUE(this->files_.deleted_results.empty());
  EXPECT_EQ(this->store_->FindBinned(job.id)->binned, this->clock_.Now());
  EXPECT_EQ(this->Binned(), std::vector<JobId>{job.id});

  ASSERT_TRUE(this->store_->PutBack(job.id));
  const Job back = this->Get(job.id);
  EXPECT_EQ(back.result, job.result);
  EXPECT_EQ(back.finished, job.finished);
  EXPECT_FALSE(back.is_binned());
  EXPECT_TRUE(this->Binned().empty());
  EXPECT_EQ(this->CodeOf(this->store_->PutBack(job.id)), ErrorCode::kNotFound);
  const auto events = this->EventsOf(job.id);
  EXPECT_EQ(std::vector(events.end() - 2, events.end()),
            (std::vector<std::string>{"binned", "put_back"}));
}

TYPED_TEST_P(JobBinContract, AQueuedJobIsCancelledAndARunningOneStays) {
  const Job first = this->Submit("a");
  const Job second = this->Submit("b");
  const Job running = *this->Claim();
  EXPECT_EQ(running.id, first.id);
  EXPECT_EQ(this->CodeOf(this->store_->Bin(first.id)), ErrorCode::kConflict);
  ASSERT_TRUE(this->store_->Bin(second.id));
  EXPECT_EQ(this->EventsOf(second.id), (std::vector<std::string>{"created", "finished", "binned"}));
  EXPECT_FALSE(this->Claim());
  ASSERT_TRUE(this->store_->PutBack(second.id));
  EXPECT_EQ(this->Get(second.id).state, JobState::kCancelled);
  EXPECT_TRUE(this->store_->Retry(second.id));
}

TYPED_TEST_P(JobBinContract, AResultInTheBinStillAnswersAndStaysForWhoShowsIt) {
  const Job first = this->Finish("k", 10);
  ASSERT_TRUE(this->store_->Bin(first.id));
  const auto again = this->store_->Submit(this->New("k")).value();
  EXPECT_EQ(again.outcome, SubmitOutcome::kCached);
  ASSERT_TRUE(this->store_->Delete(again.job.id));
  EXPECT_TRUE(this->files_.deleted_results.empty()) << "it is the binned one's too";
  ASSERT_TRUE(this->store_->Delete(first.id));
  EXPECT_EQ(this->files_.deleted_results.size(), 1U);
}

TYPED_TEST_P(JobBinContract, DeletingForGoodTakesItOutOfTheBinWithItsFiles) {
  const Job job = this->FinishWithInput("k", 5);
  ASSERT_TRUE(this->store_->Bin(job.id));
  this->files_.refuse = "read-only";
  EXPECT_EQ(this->CodeOf(this->store_->Delete(job.id)), ErrorCode::kUnavailable);
  EXPECT_EQ(this->Binned(), std::vector<JobId>{job.id}) << "it is still where it was";
  this->files_.refuse.clear();
  ASSERT_TRUE(this->store_->Delete(job.id));
  EXPECT_TRUE(this->Binned().empty());
  EXPECT_EQ(this->files_.deleted_inputs.size(), 1U);
  EXPECT_EQ(this->EventsOf(job.id).back(), "deleted");
  EXPECT_EQ(this->CodeOf(this->store_->Delete(job.id)), ErrorCode::kNotFound);
}

TYPED_TEST_P(JobBinContract, ABatchGoesAndComesBackWithoutWhatWentBefore) {
  const Batch batch = *this->store_->CreateBatch("holiday");
  const Job early = this->SubmitTo(batch.id, "early");
  ASSERT_TRUE(this->store_->Bin(early.id));
  this->clock_.Advance(hours(1));
  const Job done = this->SubmitTo(batch.id, "done");
  ASSERT_TRUE(this->store_->Complete(this->Claim()->lease(), {"r", 10}));
  const Job queued = this->SubmitTo(batch.id, "queued");

  ASSERT_TRUE(this->store_->BinBatch(batch.id));
  EXPECT_EQ(this->CodeOf(this->store_->FindBatch(batch.id)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->BinBatch(batch.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(this->store_->ListBatches(0, 10)->empty());
  EXPECT_FALSE(this->Claim());
  EXPECT_EQ(this->Binned(), (std::vector<JobId>{queued.id, done.id, early.id}));
  const auto events = this->Events(500, {.batch = batch.id});
  EXPECT_EQ(events.back().kind, JobEventKind::kBinned);
  EXPECT_EQ(events.back().job, 0);

  EXPECT_EQ(this->store_->PutBackBatch(batch.id)->counts.total(), 2);
  EXPECT_EQ(this->Binned(), std::vector<JobId>{early.id});
  EXPECT_EQ(this->Get(queued.id).state, JobState::kCancelled);
  EXPECT_EQ(this->store_->ListBatches(0, 10)->size(), 1U);
  EXPECT_EQ(this->store_->PutBackBatch(batch.id)->counts.total(), 3);
  EXPECT_EQ(this->CodeOf(this->store_->PutBackBatch(batch.id)), ErrorCode::kNotFound);
}

TYPED_TEST_P(JobBinContract, ABatchThatRunsIsCancelledAndStays) {
  const Batch batch = *this->store_->CreateBatch("holiday");
  this->SubmitTo(batch.id, "a");
  const Job running = *this->Claim();
  EXPECT_EQ(this->CodeOf(this->store_->BinBatch(batch.id)), ErrorCode::kConflict);
  EXPECT_TRUE(this->Get(running.id).cancel_requested);
}

TYPED_TEST_P(JobBinContract, AnEmptiedBinIsEmptyAtOnceAndItsFilesFollow) {
  const Batch batch = *this->store_->CreateBatch("holiday");
  this->SubmitTo(batch.id, "a");
  const Job single = this->Submit("b");
  const Job kept = this->Submit("c");
  ASSERT_TRUE(this->store_->BinBatch(batch.id));
  ASSERT_TRUE(this->store_->Bin(single.id));
  ASSERT_TRUE(this->store_->EmptyBin());
  EXPECT_TRUE(this->Binned().empty());
  EXPECT_EQ(this->store_->Status()->binned, 0);
  EXPECT_EQ(this->store_->Status()->counts.total(), 1);
  EXPECT_EQ(this->CodeOf(this->store_->PutBack(single.id)), ErrorCode::kNotFound);

  this->files_.refuse = "read-only";
  EXPECT_EQ(this->CodeOf(this->store_->RemoveMarked(10)), ErrorCode::kUnavailable);
  EXPECT_EQ(this->Binned().size(), 2U) << "what cannot be deleted is seen again";
  this->files_.refuse.clear();
  ASSERT_TRUE(this->store_->EmptyBin());
  EXPECT_TRUE(*this->store_->RemoveMarked(10));
  EXPECT_FALSE(*this->store_->RemoveMarked(10));
  EXPECT_EQ(this->files_.deleted_own.size(), 2U);
  EXPECT_EQ(this->CodeOf(this->store_->FindBatch(batch.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(this->store_->ListBatches(0, 10)->empty());
  EXPECT_EQ(this->Get(kept.id).state, JobState::kQueued);
}

TYPED_TEST_P(JobBinContract, TheBinKeepsItsOwnTime) {
  const Job old = this->Finish("old", 10);
  this->clock_.Advance(hours(20));
  ASSERT_TRUE(this->store_->Bin(old.id));
  this->clock_.Advance(hours(5));
  const RetentionPolicy policy = {.max_age = hours(24), .bin_max_age = hours(6)};
  EXPECT_EQ(this->store_->ApplyRetention(policy)->jobs_deleted, 0) << "the bin promised six hours";
  this->clock_.Advance(hours(2));
  EXPECT_EQ(this->store_->ApplyRetention(policy)->jobs_deleted, 1);
  EXPECT_EQ(this->files_.deleted_results.size(), 1U);
}

TYPED_TEST_P(JobBinContract, WhereBytesAreNeededTheBinGoesFirst) {
  const Job oldest = this->Finish("oldest", 10);
  const Job first = this->Finish("first", 10);
  const Job second = this->Finish("second", 10);
  ASSERT_TRUE(this->store_->Bin(second.id));
  this->clock_.Advance(hours(1));
  ASSERT_TRUE(this->store_->Bin(first.id));
  ASSERT_TRUE(this->store_->ApplyRetention({.max_age = {}, .max_bytes = 20}));
  EXPECT_EQ(this->Binned(), std::vector<JobId>{first.id}) << "the longest there goes first";
  ASSERT_TRUE(this->store_->ApplyRetention({.max_age = {}, .max_bytes = 10}));
  EXPECT_TRUE(this->Binned().empty());
  EXPECT_EQ(this->Get(oldest.id).state, JobState::kDone);
  ASSERT_TRUE(this->store_->ApplyRetention({.max_age = {}, .max_bytes = 5}));
  EXPECT_FALSE(this->store_->Find(oldest.id));
}

TYPED_TEST_P(JobBinContract, TheBinShrinksBySoMany) {
  for (const auto* key : {"a", "b", "c"}) ASSERT_TRUE(this->store_->Bin(this->Finish(key, 7).id));
  const auto now = this->clock_.Now();
  EXPECT_EQ(this->store_->ShrinkBin(now, 2)->jobs_deleted, 0) << "none was there before";
  const auto report = this->store_->ShrinkBin(now + hours(1), 2).value();
  EXPECT_EQ(report.jobs_deleted, 2);
  EXPECT_EQ(report.bytes_freed, 14);
  EXPECT_EQ(this->store_->Status()->binned, 1);
}

TYPED_TEST_P(JobBinContract, RetentionLeavesAPinnedJobAlone) {
  const Job pinned = this->FinishWithInput("pinned", 10);
  const Job other = this->FinishWithInput("other", 10);
  EXPECT_TRUE(this->store_->SetPinned(pinned.id, true)->pinned);
  this->clock_.Advance(hours(25));
  ASSERT_TRUE(this->store_->ApplyRetention(
      {.max_age = hours(24), .max_bytes = 0, .input_max_age = hours(1)}));
  EXPECT_FALSE(this->store_->Find(other.id));
  EXPECT_TRUE(this->Get(pinned.id).pinned);
  EXPECT_FALSE(this->Get(pinned.id).input_deleted);
  EXPECT_EQ(this->EventsOf(pinned.id).back(), "pinned");
  ASSERT_TRUE(this->store_->Bin(pinned.id));
  ASSERT_TRUE(this->store_->PutBack(pinned.id));
  EXPECT_TRUE(this->Get(pinned.id).pinned);
  ASSERT_TRUE(this->store_->SetPinned(pinned.id, false));
  ASSERT_TRUE(this->store_->ApplyRetention({.max_age = hours(24)}));
  EXPECT_FALSE(this->store_->Find(pinned.id));
}

TYPED_TEST_P(JobBinContract, WhatChangesWhileRetentionRunsStays) {
  const Job first = this->Finish("first", 10);
  const Job pinned = this->Finish("pinned", 10);
  const Job back = this->Finish("back", 10);
  this->clock_.Advance(hours(25));
  this->files_.on_delete = [&] { ASSERT_TRUE(this->store_->SetPinned(pinned.id, true)); };
  ASSERT_TRUE(this->store_->Bin(back.id));
  const auto report = this->store_->ApplyRetention({.max_age = hours(24)}).value();
  EXPECT_EQ(report.jobs_deleted, 1);
  EXPECT_TRUE(report.problems.empty());
  EXPECT_TRUE(this->store_->Find(pinned.id));

  const Job other = this->Finish("other", 10);
  ASSERT_TRUE(this->store_->PutBack(back.id));
  ASSERT_TRUE(this->store_->Bin(other.id));
  this->clock_.Advance(hours(1));
  ASSERT_TRUE(this->store_->Bin(back.id));
  this->files_.on_delete = [&] { ASSERT_TRUE(this->store_->PutBack(back.id)); };
  EXPECT_EQ(this->store_->ShrinkBin(Timestamp::max(), 10)->jobs_deleted, 1);
  EXPECT_EQ(this->Get(back.id).result, back.result);
}

REGISTER_TYPED_TEST_SUITE_P(
    JobBinContract, WhatIsInTheBinIsNeitherFoundNorCountedAndComesBackAsItWas,
    AQueuedJobIsCancelledAndARunningOneStays, AResultInTheBinStillAnswersAndStaysForWhoShowsIt,
    DeletingForGoodTakesItOutOfTheBinWithItsFiles, ABatchGoesAndComesBackWithoutWhatWentBefore,
    ABatchThatRunsIsCancelledAndStays, AnEmptiedBinIsEmptyAtOnceAndItsFilesFollow,
    TheBinKeepsItsOwnTime, WhereBytesAreNeededTheBinGoesFirst, TheBinShrinksBySoMany,
    RetentionLeavesAPinnedJobAlone, WhatChangesWhileRetentionRunsStays);

}  // namespace gpen::jobs
