// What JobStore must do on every JobTable, as one typed test suite. A table's test gives a Maker:
//
//   struct MemoryMaker {
//     std::unique_ptr<JobStore> Make(const JobStoreOptions&, const Clock&, JobFiles&);
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Memory, JobStoreContract, MemoryMaker);
//
// A second Make() of one Maker is a restart where the store is durable.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock_testing.h"
#include "jobs/job_files_testing.h"
#include "jobs/job_store.h"

namespace gpen::jobs {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

template <typename Maker>
class JobStoreContract : public ::testing::Test {
 protected:
  JobStoreContract() { Restart({}); }

  void Restart(const JobStoreOptions& options) {
    store_.reset();
    store_ = maker_.Make(options, clock_, files_);
  }

  NewJob New(const std::string& key, JobPriority priority = JobPriority::kBatch) {
    NewJob job;
    job.key = key;
    job.name = key + ".jpg";
    job.payload = "payload of " + key;
    job.priority = priority;
    return job;
  }
  Job Submit(const NewJob& job) { return store_->Submit(job)->job; }
  Job Submit(const std::string& key, JobPriority priority = JobPriority::kBatch) {
    return Submit(New(key, priority));
  }
  std::optional<Job> Claim(const std::string& owner = "worker") {
    ClaimRequest request;
    request.owner = owner;
    return store_->ClaimNext(request)->job;
  }
  Job Get(JobId id) { return *store_->Find(id); }
  Job Finish(const std::string& key, std::int64_t bytes = 0) {
    Submit(key);
    return *store_->Complete(Claim()->lease(), {"result of " + key, bytes});
  }
  // A copy: the loops over it must not outlive a temporary page.
  std::vector<JobEvent> Events(int limit, const EventFilter& filter = {}) {
    return std::move(*store_->EventsAfter(0, limit, filter)).events;
  }
  std::vector<std::string> EventsOf(JobId id) {
    std::vector<std::string> names;
    for (const JobEvent& event : Events(500, {.job = id})) {
      names.emplace_back(NameOf(event.kind));
    }
    return names;
  }
  template <typename T>
  static ErrorCode CodeOf(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::kInternal : result.error().code();
  }

  FakeClock clock_;
  FakeJobFiles files_;
  Maker maker_;
  std::unique_ptr<JobStore> store_;
};

TYPED_TEST_SUITE_P(JobStoreContract);

TYPED_TEST_P(JobStoreContract, KeepsEveryFieldOfAJob) {
  const Batch batch = *this->store_->CreateBatch("holiday");
  NewJob submitted = this->New("k", JobPriority::kWatch);
  submitted.payload = "{\"a\":\"\xC3\xA4\\n\"}";
  submitted.input_bytes = 7;
  submitted.batch = batch.id;
  submitted.max_attempts = 5;
  const Job job = this->Get(this->Submit(submitted).id);
  EXPECT_EQ(job.key, "k");
  EXPECT_EQ(job.name, "k.jpg");
  EXPECT_EQ(job.payload, submitted.payload);
  EXPECT_EQ(job.priority, JobPriority::kWatch);
  EXPECT_EQ(job.input_bytes, 7);
  EXPECT_EQ(job.batch, batch.id);
  EXPECT_EQ(job.max_attempts, 5);
  EXPECT_EQ(job.created, this->clock_.Now());
  EXPECT_EQ(job.state, JobState::kQueued);

  this->clock_.Advance(seconds(3));
  const Job running = *this->Claim("me");
  ASSERT_TRUE(this->store_->ReportProgress(running.lease(), "face 1 of 2", 0.25));
  const Job seen = this->Get(job.id);
  EXPECT_EQ(seen.state, JobState::kRunning);
  EXPECT_EQ(seen.owner, "me");
  EXPECT_EQ(seen.attempts, 1);
  EXPECT_EQ(seen.step, "face 1 of 2");
  EXPECT_EQ(seen.fraction, 0.25);
  EXPECT_EQ(seen.started, this->clock_.Now());
  EXPECT_EQ(seen.lease_expires, this->clock_.Now() + seconds(60));

  this->clock_.Advance(seconds(2));
  ASSERT_TRUE(this->store_->Complete(running.lease(), {"the result", 99}));
  const Job done = this->Get(job.id);
  EXPECT_EQ(done.state, JobState::kDone);
  EXPECT_EQ(done.result, "the result");
  EXPECT_EQ(done.result_bytes, 99);
  EXPECT_EQ(done.finished, this->clock_.Now());
  EXPECT_EQ(done.fraction, 1);
  EXPECT_EQ(done.owner, "");
  EXPECT_FALSE(done.cached);
}

TYPED_TEST_P(JobStoreContract, ClaimsByClassThenInOrder) {
  this->Submit("w", JobPriority::kWatch);
  this->Submit("b1", JobPriority::kBatch);
  this->Submit("b2", JobPriority::kBatch);
  this->Submit("i", JobPriority::kInteractive);
  std::string order;
  while (const auto job = this->Claim()) order += job->key + " ";
  EXPECT_EQ(order, "i b1 b2 w ");
}

TYPED_TEST_P(JobStoreContract, ClaimsNothingBelowTheLowestClass) {
  this->Submit("w", JobPriority::kWatch);
  ClaimRequest request;
  request.owner = "worker";
  request.what.lowest = JobPriority::kBatch;
  EXPECT_FALSE(this->store_->ClaimNext(request)->job);
  request.what.lowest = JobPriority::kWatch;
  EXPECT_TRUE(this->store_->ClaimNext(request)->job);
}

TYPED_TEST_P(JobStoreContract, ClaimsNoneOfTheExceptions) {
  const Job first = this->Submit("a");
  const Job second = this->Submit("b");
  ClaimRequest request;
  request.owner = "worker";
  request.what.except = {first.id, 12345};
  EXPECT_EQ(this->store_->ClaimNext(request)->job->id, second.id);
  EXPECT_FALSE(this->store_->ClaimNext(request)->job);
  request.what.except = {};
  EXPECT_EQ(this->store_->ClaimNext(request)->job->id, first.id);
}

TYPED_TEST_P(JobStoreContract, RefusesWhatMakesNoSense) {
  EXPECT_EQ(this->CodeOf(this->store_->Submit(this->New(""))), ErrorCode::kInvalidArgument);
  NewJob job = this->New("k");
  job.max_attempts = 0;
  EXPECT_EQ(this->CodeOf(this->store_->Submit(job)), ErrorCode::kInvalidArgument);
  job = this->New("k");
  job.batch = 12;
  EXPECT_EQ(this->CodeOf(this->store_->Submit(job)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->Find(5)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->Cancel(5)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->Delete(5)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->FindBatch(5)), ErrorCode::kNotFound);
  EXPECT_EQ(this->CodeOf(this->store_->CancelBatch(5)), ErrorCode::kNotFound);
  EXPECT_EQ(this->store_->Status()->counts.total(), 0);
}

TYPED_TEST_P(JobStoreContract, AFullQueueRefusesNewWorkButAnswersFromTheCache) {
  JobStoreOptions options;
  options.max_queued = 2;
  this->Restart(options);
  this->Finish("done");
  this->Submit("a");
  this->Submit("b");
  EXPECT_EQ(this->CodeOf(this->store_->Submit(this->New("c"))), ErrorCode::kQueueFull);
  EXPECT_EQ(this->store_->Submit(this->New("done"))->outcome, SubmitOutcome::kCached);
  this->Claim();
  EXPECT_TRUE(this->store_->Submit(this->New("c")));
}

TYPED_TEST_P(JobStoreContract, WhatIsRefusedFailsAtOnceAndStaysInItsBatch) {
  JobStoreOptions options;
  options.max_queued = 1;
  this->Restart(options);
  this->Submit("a");
  const Batch batch = *this->store_->CreateBatch("b");
  NewJob refused = this->New("refused");
  refused.batch = batch.id;
  refused.refusal = Error(ErrorCode::kUnsupportedFormat, "expected a photo");
  const auto submitted = this->store_->Submit(refused);
  ASSERT_TRUE(submitted) << "it needs no room in the queue";
  EXPECT_EQ(submitted->outcome, SubmitOutcome::kRefused);
  const Job job = this->Get(submitted->job.id);
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.error_code, "unsupported_format");
  EXPECT_EQ(job.error_message, "expected a photo");
  EXPECT_EQ(job.finished, this->clock_.Now());
  EXPECT_EQ(this->store_->FindBatch(batch.id)->counts[JobState::kFailed], 1);
  EXPECT_EQ(this->CodeOf(this->store_->Retry(job.id)), ErrorCode::kConflict) << "it has no input";
}

TYPED_TEST_P(JobStoreContract, ManyAreHandedInWithTheirBatch) {
  this->Finish("known");
  const Job waiting = this->Submit("waiting");
  const auto submitted = *this->store_->SubmitAll(
      {this->New("known"), this->New("waiting"), this->New("new"), this->New("new")}, "holiday");
  ASSERT_EQ(submitted.size(), 4U);
  EXPECT_EQ(submitted[0].outcome, SubmitOutcome::kCached);
  EXPECT_EQ(submitted[1].outcome, SubmitOutcome::kJoined);
  EXPECT_EQ(submitted[1].job.twin, waiting.id);
  EXPECT_EQ(submitted[2].outcome, SubmitOutcome::kQueued);
  EXPECT_EQ(submitted[3].outcome, SubmitOutcome::kJoined);
  EXPECT_EQ(submitted[3].job.twin, submitted[2].job.id);
  const Batch batch = *this->store_->FindBatch(submitted[0].job.batch);
  EXPECT_EQ(batch.name, "holiday");
  EXPECT_EQ(batch.counts.total(), 4);
  EXPECT_EQ(batch.counts[JobState::kQueued], 3);
  for (const auto& one : submitted) EXPECT_EQ(this->Get(one.job.id).batch, batch.id);
}

TYPED_TEST_P(JobStoreContract, OfManyAFullQueueTakesNone) {
  JobStoreOptions options;
  options.max_queued = 3;
  this->Restart(options);
  this->Finish("known");
  this->Submit("waiting");
  const QueueStatus before = *this->store_->Status();
  int seen = 0;
  const Subscription subscription = this->store_->Subscribe([&](const JobEvent&) { ++seen; });
  // One has a result, one waits already, and only one of the new ones has room.
  const std::vector<NewJob> many = {this->New("known"), this->New("waiting"), this->New("a"),
                                    this->New("b")};
  EXPECT_EQ(this->CodeOf(this->store_->SubmitAll(many, "holiday")), ErrorCode::kQueueFull);
  const QueueStatus after = *this->store_->Status();
  EXPECT_EQ(after.counts.by_state, before.counts.by_state);
  EXPECT_EQ(after.last_sequence, before.last_sequence);
  EXPECT_EQ(seen, 0);
  EXPECT_TRUE(this->store_->ListBatches(0, 10)->empty());

  this->Claim();
  const auto submitted = *this->store_->SubmitAll(many, "holiday");
  EXPECT_EQ(this->store_->ListBatches(0, 10)->size(), 1U);
  EXPECT_EQ(this->store_->Status()->counts.total(), before.counts.total() + 4);
  EXPECT_EQ(this->store_->Status()->counts[JobState::kQueued], 3);
  EXPECT_EQ(seen, 6) << "started, four created, one finished";
}

TYPED_TEST_P(JobStoreContract, WhatHasItsResultNeedsNoRoom) {
  JobStoreOptions options;
  options.max_queued = 1;
  this->Restart(options);
  this->Finish("a");
  this->Finish("b");
  this->Submit("waiting");
  EXPECT_TRUE(this->store_->SubmitAll({this->New("a"), this->New("b"), this->New("a")}));
}

TYPED_TEST_P(JobStoreContract, OfManyOneThatMakesNoSenseStopsAll) {
  NewJob lost = this->New("b");
  lost.batch = 12;
  NewJob never = this->New("b");
  never.max_attempts = 0;
  EXPECT_EQ(this->CodeOf(this->store_->SubmitAll({this->New("a"), lost})), ErrorCode::kNotFound);
  for (const auto& many :
       {std::vector<NewJob>{}, {this->New("a"), this->New("")}, {this->New("a"), never}}) {
    EXPECT_EQ(this->CodeOf(this->store_->SubmitAll(many, "holiday")), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(this->store_->Status()->counts.total(), 0);
  EXPECT_TRUE(this->store_->ListBatches(0, 10)->empty());
}

TYPED_TEST_P(JobStoreContract, MoreThanEverFitIsNotForLater) {
  JobStoreOptions options;
  options.max_queued = 2;
  this->Restart(options);
  EXPECT_EQ(this->CodeOf(this->store_->SubmitAll({this->New("a"), this->New("b"), this->New("c")})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(this->store_->Status()->counts.total(), 0);
}

TYPED_TEST_P(JobStoreContract, AnswersFromAnEarlierResult) {
  const Job first = this->Finish("k", 10);
  const Submitted second = *this->store_->Submit(this->New("k"));
  EXPECT_EQ(second.outcome, SubmitOutcome::kCached);
  EXPECT_NE(second.job.id, first.id);
  const Job job = this->Get(second.job.id);
  EXPECT_EQ(job.state, JobState::kDone);
  EXPECT_EQ(job.result, "result of k");
  EXPECT_TRUE(job.cached);
  EXPECT_EQ(job.twin, first.id);
  EXPECT_FALSE(this->Claim());
  EXPECT_EQ(this->EventsOf(job.id), (std::vector<std::string>{"created", "finished"}));
}

TYPED_TEST_P(JobStoreContract, ComputesAgainWhenTheResultIsGone) {
  this->Finish("k");
  for (const FileState state : {FileState::kMissing, FileState::kUnknown}) {
    this->files_.states["result of k"] = state;
    EXPECT_NE(this->store_->Submit(this->New("k"))->outcome, SubmitOutcome::kCached);
  }
  EXPECT_TRUE(this->Claim());
}

TYPED_TEST_P(JobStoreContract, EqualKeysShareOneComputation) {
  const Job first = this->Submit("k");
  const Submitted queued_twin = *this->store_->Submit(this->New("k"));
  EXPECT_EQ(queued_twin.outcome, SubmitOutcome::kJoined);
  EXPECT_EQ(queued_twin.job.twin, first.id);
  const Job running = *this->Claim();
  const Submitted running_twin = *this->store_->Submit(this->New("k", JobPriority::kInteractive));
  EXPECT_EQ(running_twin.outcome, SubmitOutcome::kJoined);
  EXPECT_FALSE(this->Claim()) << "the key is being computed";
  ASSERT_TRUE(this->store_->Complete(running.lease(), {"r", 1}));
  for (const JobId id : {queued_twin.job.id, running_twin.job.id}) {
    EXPECT_EQ(this->Get(id).state, JobState::kDone);
    EXPECT_EQ(this->Get(id).result, "r");
    EXPECT_TRUE(this->Get(id).cached);
    EXPECT_EQ(this->Get(id).twin, first.id);
    EXPECT_EQ(this->EventsOf(id), (std::vector<std::string>{"created", "finished"}));
  }
  EXPECT_FALSE(this->Claim());
}

TYPED_TEST_P(JobStoreContract, ATwinGoesOnWhenTheComputationIsCancelledOrFails) {
  const Job first = this->Submit("k");
  const Job second = this->Submit("k");
  const Job third = this->Submit("k");
  const Job running = *this->Claim();
  ASSERT_TRUE(this->store_->Cancel(first.id));
  ASSERT_TRUE(this->store_->AcceptCancel(running.lease()));
  EXPECT_EQ(this->Get(first.id).state, JobState::kCancelled);
  const Job next = *this->Claim();
  EXPECT_EQ(next.id, second.id);
  ASSERT_TRUE(this->store_->Fail(next.lease(), Error(ErrorCode::kCorruptImage, "bad"), false));
  EXPECT_EQ(this->Get(second.id).state, JobState::kFailed);
  EXPECT_EQ(this->Claim()->id, third.id);
}

TYPED_TEST_P(JobStoreContract, AnInteractiveTwinPullsItsKeyForward) {
  this->Submit("other", JobPriority::kBatch);
  const Job batch = this->Submit("k", JobPriority::kWatch);
  const Job person = this->Submit("k", JobPriority::kInteractive);
  const Job running = *this->Claim();
  EXPECT_EQ(running.id, person.id);
  ASSERT_TRUE(this->store_->Complete(running.lease(), {"r", 0}));
  EXPECT_EQ(this->Get(batch.id).state, JobState::kDone);
}

TYPED_TEST_P(JobStoreContract, AStaleWorkerChangesNothing) {
  const Job job = this->Submit("k");
  const Job first = *this->Claim("slow");
  this->clock_.Advance(seconds(61));
  const Job second = *this->Claim("fast");
  EXPECT_EQ(second.id, job.id);
  EXPECT_GT(second.fence, first.fence);
  const Lease stale = first.lease();
  EXPECT_EQ(this->CodeOf(this->store_->Renew(stale, seconds(60))), ErrorCode::kConflict);
  EXPECT_EQ(this->CodeOf(this->store_->ReportProgress(stale, "x", 1)), ErrorCode::kConflict);
  EXPECT_EQ(this->CodeOf(this->store_->Complete(stale, {"stale", 0})), ErrorCode::kConflict);
  EXPECT_EQ(this->CodeOf(this->store_->Fail(stale, Error(ErrorCode::kInternal, "x"), true)),
            ErrorCode::kConflict);
  EXPECT_EQ(this->CodeOf(this->store_->Release(stale, "x")), ErrorCode::kConflict);
  EXPECT_EQ(this->CodeOf(this->store_->AcceptCancel(stale)), ErrorCode::kConflict);
  ASSERT_TRUE(this->store_->Complete(second.lease(), {"fresh", 0}));
  EXPECT_EQ(this->CodeOf(this->store_->Complete(second.lease(), {"again", 0})),
            ErrorCode::kConflict);
  EXPECT_EQ(this->Get(job.id).result, "fresh");
}

TYPED_TEST_P(JobStoreContract, TheSameOwnerWithAnOldFenceIsStaleToo) {
  this->Submit("k");
  const Job first = *this->Claim("w");
  this->clock_.Advance(seconds(61));
  const Job second = *this->Claim("w");
  EXPECT_EQ(this->CodeOf(this->store_->Complete(first.lease(), {"old", 0})), ErrorCode::kConflict);
  EXPECT_TRUE(this->store_->Complete(second.lease(), {"new", 0}));
}

TYPED_TEST_P(JobStoreContract, ARenewedLeaseHolds) {
  this->Submit("k");
  const Job job = *this->Claim();
  this->clock_.Advance(seconds(50));
  ASSERT_TRUE(this->store_->Renew(job.lease(), seconds(60)));
  this->clock_.Advance(seconds(50));
  EXPECT_FALSE(this->Claim("other"));
  EXPECT_TRUE(this->store_->Complete(job.lease(), {"r", 0}));
}

TYPED_TEST_P(JobStoreContract, WorkersThatDieAgainAndAgainFailTheJob) {
  NewJob submitted = this->New("k");
  submitted.max_attempts = 2;
  const Job job = this->Submit(submitted);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(this->Claim());
    this->clock_.Advance(seconds(61));
  }
  EXPECT_FALSE(this->Claim());
  EXPECT_EQ(this->Get(job.id).state, JobState::kFailed);
  EXPECT_EQ(this->Get(job.id).error_code, "internal");
  EXPECT_NE(this->Get(job.id).error_message.find("stopped 2 times"), std::string::npos);
}

TYPED_TEST_P(JobStoreContract, BacksOffAndThenGivesUp) {
  const Job job = this->Submit("k");
  const Error error(ErrorCode::kUnavailable, "disk full");
  ASSERT_TRUE(this->store_->Fail(this->Claim()->lease(), error, true));
  EXPECT_EQ(this->Get(job.id).state, JobState::kQueued);
  EXPECT_EQ(this->Get(job.id).error_code, "unavailable");
  ClaimRequest request;
  request.owner = "w";
  const auto waiting = *this->store_->ClaimNext(request);
  EXPECT_FALSE(waiting.job);
  EXPECT_EQ(waiting.next_change, this->clock_.Now() + seconds(10));
  this->clock_.Advance(seconds(10));
  ASSERT_TRUE(this->store_->Fail(this->Claim()->lease(), error, true));
  EXPECT_EQ(this->Get(job.id).not_before, this->clock_.Now() + seconds(20));
  this->clock_.Advance(seconds(20));
  ASSERT_TRUE(this->store_->Fail(this->Claim()->lease(), error, true));
  EXPECT_EQ(this->Get(job.id).state, JobState::kFailed) << "three attempts are used up";
  EXPECT_EQ(this->Get(job.id).error_message, "disk full");
}

TYPED_TEST_P(JobStoreContract, ABackoffDoesNotOutliveAClockThatIsSetBack) {
  this->Submit("k");
  const Timestamp right = this->clock_.Now();
  this->clock_.SetNow(right + hours(24 * 365));
  ASSERT_TRUE(
      this->store_->Fail(this->Claim()->lease(), Error(ErrorCode::kUnavailable, "x"), true));
  this->clock_.SetNow(right);
  EXPECT_TRUE(this->Claim());
}

TYPED_TEST_P(JobStoreContract, WhatCannotSucceedIsNotTriedAgain) {
  const Job job = this->Submit("k");
  ASSERT_TRUE(
      this->store_->Fail(this->Claim()->lease(), Error(ErrorCode::kCorruptImage, "bad"), false));
  EXPECT_EQ(this->Get(job.id).state, JobState::kFailed);
  EXPECT_EQ(this->Get(job.id).error_code, "corrupt_image");
}

TYPED_TEST_P(JobStoreContract, AReleasedJobHasLostNoAttempt) {
  const Job job = this->Submit("k");
  ASSERT_TRUE(this->store_->Release(this->Claim()->lease(), "paused"));
  EXPECT_EQ(this->Get(job.id).state, JobState::kQueued);
  EXPECT_EQ(this->Get(job.id).attempts, 0);
  EXPECT_TRUE(this->Claim());
}

TYPED_TEST_P(JobStoreContract, CancelsAQueuedJobAtOnceAndARunningOneThroughItsWorker) {
  const Job queued = this->Submit("a");
  EXPECT_EQ(this->store_->Cancel(queued.id)->state, JobState::kCancelled);
  EXPECT_EQ(this->CodeOf(this->store_->Cancel(queued.id)), ErrorCode::kConflict);
  EXPECT_FALSE(this->Claim());

  const Job job = this->Submit("b");
  const Job running = *this->Claim();
  EXPECT_FALSE(this->store_->Renew(running.lease(), seconds(60))->cancel_requested);
  EXPECT_EQ(this->store_->Cancel(job.id)->state, JobState::kRunning);
  ASSERT_TRUE(this->store_->Cancel(job.id)) << "asking twice is no error";
  EXPECT_TRUE(this->store_->Renew(running.lease(), seconds(60))->cancel_requested);
  EXPECT_TRUE(this->store_->ReportProgress(running.lease(), "x", 0)->cancel_requested);
  EXPECT_EQ(this->store_->AcceptCancel(running.lease())->state, JobState::kCancelled);
  EXPECT_EQ(
      this->EventsOf(job.id),
      (std::vector<std::string>{"created", "started", "cancel_requested", "progress", "finished"}));
}

TYPED_TEST_P(JobStoreContract, ACancelledJobDoesNotComeBack) {
  // Whatever its worker does after the request: an error, a release, or death.
  for (int way = 0; way < 3; ++way) {
    const Job job = this->Submit("k" + std::to_string(way));
    const Job running = *this->Claim();
    ASSERT_TRUE(this->store_->Cancel(job.id));
    if (way == 0) {
      ASSERT_TRUE(this->store_->Fail(running.lease(), Error(ErrorCode::kUnavailable, "x"), true));
    } else if (way == 1) {
      ASSERT_TRUE(this->store_->Release(running.lease(), "paused"));
    } else {
      this->clock_.Advance(seconds(61));
      EXPECT_FALSE(this->Claim());
    }
    EXPECT_EQ(this->Get(job.id).state, JobState::kCancelled) << way;
  }
}

TYPED_TEST_P(JobStoreContract, RetriesWhatFailed) {
  const Job job = this->Submit("k");
  EXPECT_EQ(this->CodeOf(this->store_->Retry(job.id)), ErrorCode::kConflict);
  ASSERT_TRUE(
      this->store_->Fail(this->Claim()->lease(), Error(ErrorCode::kCorruptImage, "bad"), false));
  EXPECT_EQ(this->store_->Retry(job.id)->state, JobState::kQueued);
  EXPECT_EQ(this->Get(job.id).attempts, 0);
  EXPECT_EQ(this->Get(job.id).error_code, "");
  const Job again = *this->Claim();
  EXPECT_EQ(again.id, job.id);
  ASSERT_TRUE(this->store_->Complete(again.lease(), {"r", 0}));
  EXPECT_EQ(this->CodeOf(this->store_->Retry(job.id)), ErrorCode::kConflict);
}

TYPED_TEST_P(JobStoreContract, ARetryTakesTheCacheToo) {
  const Job job = this->Submit("k");
  ASSERT_TRUE(this->store_->Cancel(job.id));
  this->Finish("k");
  const Job retried = *this->store_->Retry(job.id);
  EXPECT_EQ(retried.state, JobState::kDone);
  EXPECT_TRUE(this->Get(job.id).cached);
  EXPECT_FALSE(this->Claim());
}

TYPED_TEST_P(JobStoreContract, DeletesAJobWithItsFiles) {
  NewJob submitted = this->New("k");
  submitted.input_bytes = 5;
  const Job job = this->Submit(submitted);
  const Job running = *this->Claim();
  EXPECT_EQ(this->CodeOf(this->store_->Delete(job.id)), ErrorCode::kConflict);
  ASSERT_TRUE(this->store_->Complete(running.lease(), {"r", 10}));
  ASSERT_TRUE(this->store_->Delete(job.id));
  EXPECT_EQ(this->CodeOf(this->store_->Find(job.id)), ErrorCode::kNotFound);
  EXPECT_EQ(this->files_.deleted_results, std::vector<std::string>{"r"});
  EXPECT_EQ(this->files_.deleted_inputs, std::vector<std::string>{"payload of k"});
  EXPECT_EQ(this->store_->Submit(this->New("k"))->outcome, SubmitOutcome::kQueued);
}

TYPED_TEST_P(JobStoreContract, ASharedResultStaysUntilItsLastJobGoes) {
  const Job first = this->Finish("k", 10);
  const Job second = this->Submit("k");
  EXPECT_EQ(this->store_->Status()->stored_bytes, 10) << "one file, counted once";
  ASSERT_TRUE(this->store_->Delete(first.id));
  EXPECT_TRUE(this->files_.deleted_results.empty());
  ASSERT_TRUE(this->store_->Delete(second.id));
  EXPECT_EQ(this->files_.deleted_results.size(), 1U);
}

TYPED_TEST_P(JobStoreContract, WhatIsAJobsOwnGoesWithItWhateverElseStays) {
  NewJob submitted = this->New("k");
  submitted.input_bytes = 50;
  const Job first = this->Submit(submitted);
  ASSERT_TRUE(this->store_->Complete(this->Claim()->lease(), {"r", 10}));
  const Job second = this->Submit("k");
  this->clock_.Advance(hours(2));
  ASSERT_TRUE(
      this->store_->ApplyRetention({.max_age = {}, .max_bytes = {}, .input_max_age = hours(1)}));
  EXPECT_TRUE(this->files_.deleted_own.empty()) << "the job is still there";
  ASSERT_TRUE(this->store_->Delete(first.id));
  EXPECT_EQ(this->files_.deleted_own, std::vector<JobId>{first.id});
  EXPECT_TRUE(this->files_.deleted_results.empty()) << "it is the second one's too";
  ASSERT_TRUE(this->store_->Delete(second.id));
  EXPECT_EQ(this->files_.deleted_own, (std::vector<JobId>{first.id, second.id}));
  EXPECT_EQ(this->files_.deleted_results, std::vector<std::string>{"r"});
}

TYPED_TEST_P(JobStoreContract, AFileThatCannotBeDeletedKeepsItsJob) {
  const Job job = this->Finish("k", 10);
  this->files_.refuse = "read-only";
  EXPECT_EQ(this->CodeOf(this->store_->Delete(job.id)), ErrorCode::kUnavailable);
  EXPECT_FALSE(this->Get(job.id).removing);
  this->files_.refuse.clear();
  EXPECT_TRUE(this->store_->Delete(job.id));
}

TYPED_TEST_P(JobStoreContract, ListsByFiltersAndPages) {
  const Batch batch = *this->store_->CreateBatch("holiday");
  for (int i = 0; i < 5; ++i) {
    NewJob job = this->New("IMG_" + std::to_string(i));
    if (i % 2 == 0) job.batch = batch.id;
    this->Submit(job);
  }
  this->Submit("100%", JobPriority::kInteractive);
  const auto keys = [&](const JobFilter& filter) {
    std::string text;
    const std::vector<Job> jobs = *this->store_->List(filter);
    for (const Job& job : jobs) text += job.key + " ";
    return text;
  };
  JobFilter filter;
  filter.limit = 4;
  EXPECT_EQ(keys(filter), "100% IMG_4 IMG_3 IMG_2 ");
  filter.before = this->store_->List(filter)->back().id;
  EXPECT_EQ(keys(filter), "IMG_1 IMG_0 ");
  filter = {};
  filter.batch = batch.id;
  EXPECT_EQ(keys(filter), "IMG_4 IMG_2 IMG_0 ");
  filter = {};
  filter.batch = 0;
  EXPECT_EQ(keys(filter), "100% IMG_3 IMG_1 ");
  filter = {};
  filter.priority = JobPriority::kInteractive;
  EXPECT_EQ(keys(filter), "100% ");
  filter = {};
  filter.text = "img_3";
  EXPECT_EQ(keys(filter), "IMG_3 ");
  filter.text = "%";
  EXPECT_EQ(keys(filter), "100% ") << "not a wildcard";
  filter = {};
  this->Claim();
  this->Claim();
  filter.states = {JobState::kRunning, JobState::kDone};
  EXPECT_EQ(keys(filter), "100% IMG_0 ");
}

TYPED_TEST_P(JobStoreContract, CountsABatchAndCancelsIt) {
  const Batch batch = *this->store_->CreateBatch("holiday");
  this->store_->CreateBatch("other").value();
  for (int i = 0; i < 3; ++i) {
    NewJob job = this->New("k" + std::to_string(i));
    job.batch = batch.id;
    this->Submit(job);
  }
  this->Submit("outside");
  const Job running = *this->Claim();
  EXPECT_EQ(this->store_->FindBatch(batch.id)->counts[JobState::kQueued], 2);
  EXPECT_EQ(this->store_->FindBatch(batch.id)->counts[JobState::kRunning], 1);
  EXPECT_EQ(*this->store_->CancelBatch(batch.id), 3);
  ASSERT_TRUE(this->store_->AcceptCancel(running.lease()));
  EXPECT_EQ(this->store_->FindBatch(batch.id)->counts[JobState::kCancelled], 3);
  EXPECT_EQ(this->store_->Status()->counts[JobState::kQueued], 1);
  const auto batches = *this->store_->ListBatches(0, 10);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].name, "other");
  EXPECT_EQ(batches[1].counts.total(), 3);
  EXPECT_EQ(this->store_->ListBatches(batches[0].id, 10)->size(), 1U);
}

TYPED_TEST_P(JobStoreContract, ADeletedBatchIsGoneAtOnceAndItsFilesFollow) {
  const Batch batch = *this->store_->CreateBatch("holiday");
  NewJob in_batch = this->New("done");
  in_batch.batch = batch.id;
  in_batch.input_bytes = 5;
  const Job first = this->Submit(in_batch);
  this->store_->Complete(this->Claim()->lease(), {"r", 10}).value();
  const Job twin = this->Submit(in_batch);
  in_batch.key = "queued";
  const Job queued = this->Submit(in_batch);
  this->Submit("outside");

  ASSERT_TRUE(this->store_->DeleteBatch(batch.id));
  EXPECT_EQ(this->CodeOf(this->store_->FindBatch(batch.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(this->store_->ListBatches(0, 10)->empty());
  EXPECT_EQ(this->store_->List({})->size(), 1U);
  EXPECT_EQ(this->store_->Status()->counts.total(), 1);
  for (const JobId id : {first.id, twin.id, queued.id}) {
    EXPECT_EQ(this->CodeOf(this->store_->Find(id)), ErrorCode::kNotFound);
    EXPECT_EQ(this->CodeOf(this->store_->Delete(id)), ErrorCode::kNotFound);
  }
  EXPECT_EQ(this->CodeOf(this->store_->DeleteBatch(batch.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(this->files_.deleted_own.empty()) << "that is the second step";
  JobFilter with_removing;
  with_removing.removing_too = true;
  EXPECT_EQ(this->store_->List(with_removing)->size(), 4U) << "their files are not lost";

  EXPECT_TRUE(*this->store_->RemoveMarked(2));
  EXPECT_TRUE(*this->store_->RemoveMarked(2));
  EXPECT_FALSE(*this->store_->RemoveMarked(2));
  EXPECT_EQ(this->files_.deleted_own.size(), 3U);
  EXPECT_EQ(this->files_.deleted_inputs.size(), 3U);
  EXPECT_FALSE(this->files_.deleted_results.empty());
  EXPECT_EQ(this->store_->List(with_removing)->size(), 1U);
  EXPECT_EQ(this->EventsOf(first.id).back(), "deleted");
  EXPECT_EQ(this->Claim()->key, "outside");
}

TYPED_TEST_P(JobStoreContract, ABatchThatRunsIsCancelledAndNotDeleted) {
  const Batch batch = *this->store_->CreateBatch("holiday");
  for (const auto* key : {"a", "b"}) {
    NewJob job = this->New(key);
    job.batch = batch.id;
    this->Submit(job);
  }
  const Job running = *this->Claim();
  EXPECT_EQ(this->CodeOf(this->store_->DeleteBatch(batch.id)), ErrorCode::kConflict);
  EXPECT_EQ(this->store_->FindBatch(batch.id)->counts[JobState::kCancelled], 1);
  EXPECT_TRUE(this->Get(running.id).cancel_requested);
  ASSERT_TRUE(this->store_->AcceptCancel(running.lease()));
  EXPECT_TRUE(this->store_->DeleteBatch(batch.id));
}

TYPED_TEST_P(JobStoreContract, ABatchWhoseFilesStayIsSeenAgain) {
  const Batch batch = *this->store_->CreateBatch("holiday");
  NewJob new_job = this->New("k");
  new_job.batch = batch.id;
  const Job job = this->Submit(new_job);
  this->files_.refuse = "read-only";
  ASSERT_TRUE(this->store_->DeleteBatch(batch.id));
  EXPECT_EQ(this->CodeOf(this->store_->RemoveMarked(10)), ErrorCode::kUnavailable);
  EXPECT_EQ(this->Get(job.id).batch, batch.id);
  EXPECT_EQ(this->store_->FindBatch(batch.id)->counts.total(), 1);
  this->files_.refuse.clear();
  ASSERT_TRUE(this->store_->DeleteBatch(batch.id));
  EXPECT_TRUE(*this->store_->RemoveMarked(10));
}

TYPED_TEST_P(JobStoreContract, ManyTwinsAreAllCompletedAndAllDeleted) {
  constexpr int kTwins = 500;  // More than one step of each.
  const Batch batch = *this->store_->CreateBatch("again and again");
  std::vector<NewJob> twins(kTwins, this->New("same"));
  for (auto& twin : twins) twin.batch = batch.id;
  ASSERT_TRUE(this->store_->SubmitAll(twins));
  const Job computed = *this->Claim();
  this->store_->Complete(computed.lease(), {"r", 10}).value();
  EXPECT_EQ(this->store_->FindBatch(batch.id)->counts[JobState::kDone], kTwins);
  EXPECT_EQ(this->store_->Status()->stored_bytes, 10);
  EXPECT_FALSE(this->Claim());
  ASSERT_TRUE(this->store_->DeleteBatch(batch.id));
  while (*this->store_->RemoveMarked(100)) {
  }
  EXPECT_EQ(this->store_->Status()->stored_bytes, 0);
  EXPECT_EQ(this->store_->Submit(this->New("same"))->outcome, SubmitOutcome::kQueued);
}

TYPED_TEST_P(JobStoreContract, ATwinOfWhatIsDoneIsAnsweredWhenItIsClaimed) {
  const Job done = this->Finish("k");
  this->files_.states["result of k"] = FileState::kUnknown;  // So that it is queued.
  const Job queued = this->Submit("k");
  EXPECT_EQ(queued.state, JobState::kQueued);
  this->files_.states.clear();
  EXPECT_FALSE(this->Claim());
  EXPECT_EQ(this->Get(queued.id).state, JobState::kDone);
  EXPECT_EQ(this->Get(queued.id).twin, done.id);
}

TYPED_TEST_P(JobStoreContract, WhatLacksSomethingWaitsLongerEachTimeAndKeepsItsAttempts) {
  const Job job = this->Submit("k");
  const Error error(ErrorCode::kUnavailable, "the output folder is read-only");
  auto pause = seconds(10);
  for (int i = 1; i <= 10; ++i) {
    const Job waiting = *this->store_->Postpone(this->Claim()->lease(), error);
    EXPECT_EQ(waiting.state, JobState::kQueued);
    EXPECT_EQ(waiting.attempts, 0);
    EXPECT_EQ(waiting.not_before, this->clock_.Now() + std::min(pause, seconds(600)));
    EXPECT_FALSE(this->Claim());
    this->clock_.Advance(pause);
    pause *= 2;
  }
  EXPECT_EQ(this->store_->Status()->postponed.count, 1);
  EXPECT_EQ(this->store_->Status()->postponed.reason, "the output folder is read-only");
  this->store_->Complete(this->Claim()->lease(), {"r", 1}).value();
  EXPECT_EQ(this->store_->Status()->postponed.count, 0);
  EXPECT_EQ(this->Get(job.id).error_message, "");
}

TYPED_TEST_P(JobStoreContract, WhatLacksSomethingForGoodFails) {
  const Job job = this->Submit("k");
  const Error error(ErrorCode::kOutOfMemory, "needs 3 GB");
  for (int i = 0; i < 2; ++i) {
    this->store_->Postpone(this->Claim()->lease(), error, 2).value();
    this->clock_.Advance(hours(1));
  }
  this->store_->Postpone(this->Claim()->lease(), error, 2).value();
  EXPECT_EQ(this->Get(job.id).state, JobState::kFailed);
  EXPECT_EQ(this->Get(job.id).error_code, "out_of_memory");
  this->store_->Retry(job.id).value();
  EXPECT_EQ(this->store_->Postpone(this->Claim()->lease(), error, 2)->state, JobState::kQueued);
}

TYPED_TEST_P(JobStoreContract, CountsTheBytesThatWait) {
  NewJob job = this->New("k");
  job.input_bytes = 7;
  this->Submit(job);
  job.key = "l";
  this->Submit(job);
  EXPECT_EQ(*this->store_->WaitingBytes(), 14);
  this->store_->Complete(this->Claim()->lease(), {"r", 1}).value();
  EXPECT_EQ(*this->store_->WaitingBytes(), 7);
}

TYPED_TEST_P(JobStoreContract, APausedQueueGivesNothing) {
  this->Submit("k");
  ASSERT_TRUE(this->store_->SetPaused(true));
  ASSERT_TRUE(this->store_->SetPaused(true));
  EXPECT_TRUE(*this->store_->IsPaused());
  EXPECT_FALSE(this->Claim());
  ASSERT_TRUE(this->store_->SetPaused(false));
  EXPECT_TRUE(this->Claim());
  std::string names;
  for (const JobEvent& event : this->Events(100)) {
    names += std::string(NameOf(event.kind)) + " ";
  }
  EXPECT_EQ(names, "created queue_paused queue_resumed started ");
}

TYPED_TEST_P(JobStoreContract, ReplaysEventsAndSaysWhatIsLost) {
  JobStoreOptions options;
  options.events_kept = 10;
  this->Restart(options);
  for (int i = 0; i < 6; ++i) this->Submit("k" + std::to_string(i));
  const EventPage first = *this->store_->EventsAfter(0, 4, {});
  ASSERT_EQ(first.events.size(), 4U);
  EXPECT_FALSE(first.gap);
  EXPECT_EQ(first.last, first.events.back().sequence);
  const EventPage rest = *this->store_->EventsAfter(first.last, 100, {});
  EXPECT_EQ(rest.events.size(), 2U);
  EXPECT_FALSE(rest.gap);
  const EventPage none = *this->store_->EventsAfter(rest.last, 100, {});
  EXPECT_TRUE(none.events.empty());
  EXPECT_FALSE(none.gap);
  for (int i = 6; i < 20; ++i) this->Submit("k" + std::to_string(i));
  const EventPage late = *this->store_->EventsAfter(rest.last, 100, {});
  EXPECT_TRUE(late.gap);
  EXPECT_EQ(late.events.size(), 10U);
  EXPECT_EQ(late.last, this->store_->Status()->last_sequence);
  EXPECT_TRUE(this->store_->EventsAfter(late.last + 1, 100, {})->gap) << "of another queue";
}

TYPED_TEST_P(JobStoreContract, SubscribersSeeEveryEventInOrder) {
  std::vector<std::int64_t> seen;
  std::mutex mutex;
  Subscription subscription = this->store_->Subscribe([&](const JobEvent& event) {
    const std::scoped_lock lock(mutex);
    seen.push_back(event.sequence);
  });
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([this, thread] {
        for (int i = 0; i < 10; ++i) {
          this->Submit(std::to_string(thread) + "-" + std::to_string(i));
        }
      });
    }
  }
  subscription = {};
  this->Submit("after");
  std::vector<std::int64_t> logged;
  for (const JobEvent& event : this->Events(40)) {
    logged.push_back(event.sequence);
  }
  EXPECT_EQ(logged.size(), 40U);
  EXPECT_EQ(seen, logged);
}

TYPED_TEST_P(JobStoreContract, ASubscriberMayCallTheStoreAndEndItself) {
  auto subscription = std::make_unique<Subscription>();
  int calls = 0;
  *subscription = this->store_->Subscribe([&](const JobEvent& event) {
    ++calls;
    EXPECT_EQ(this->store_->Cancel(event.job)->state, JobState::kCancelled);
    subscription.reset();
  });
  this->Submit("k");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(this->store_->Status()->last_sequence, 2);
}

TYPED_TEST_P(JobStoreContract, ManyWorkersNeverShareAJob) {
  constexpr int kJobs = 40;
  for (int i = 0; i < kJobs; ++i) this->Submit("k" + std::to_string(i));
  std::mutex mutex;
  std::multiset<JobId> claimed;
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 4; ++worker) {
      workers.emplace_back([&, worker] {
        while (const auto job = this->Claim("w" + std::to_string(worker))) {
          EXPECT_TRUE(this->store_->Complete(job->lease(), {job->key, 0}));
          const std::scoped_lock lock(mutex);
          claimed.insert(job->id);
        }
      });
    }
  }
  EXPECT_EQ(claimed.size(), static_cast<std::size_t>(kJobs));
  EXPECT_EQ(std::set<JobId>(claimed.begin(), claimed.end()).size(), claimed.size());
  EXPECT_EQ(this->store_->Status()->counts[JobState::kDone], kJobs);
}

TYPED_TEST_P(JobStoreContract, RetentionByAge) {
  const Job old = this->Finish("old", 10);
  const Job waiting = this->Submit("waiting");
  this->clock_.Advance(hours(48));
  const Job fresh = *this->store_->Complete(this->Claim()->lease(), {"r", 1});
  EXPECT_EQ(fresh.id, waiting.id);
  const Job queued = this->Submit("queued");
  const auto report =
      *this->store_->ApplyRetention({.max_age = hours(24), .max_bytes = {}, .input_max_age = {}});
  EXPECT_EQ(report.jobs_deleted, 1);
  EXPECT_EQ(report.bytes_freed, 10);
  EXPECT_FALSE(this->store_->Find(old.id));
  EXPECT_TRUE(this->store_->Find(fresh.id));
  EXPECT_TRUE(this->store_->Find(queued.id));
  EXPECT_EQ(this->files_.deleted_results, std::vector<std::string>{"result of old"});
}

TYPED_TEST_P(JobStoreContract, RetentionByAgeDeletesSoManyAtOnce) {
  for (int i = 0; i < 5; ++i) this->Finish("k" + std::to_string(i), 1);
  this->clock_.Advance(hours(48));
  RetentionPolicy policy;
  policy.max_age = hours(24);
  policy.most_by_age = 2;
  EXPECT_EQ(this->store_->ApplyRetention(policy)->jobs_deleted, 2);
  EXPECT_EQ(this->files_.deleted_results,
            (std::vector<std::string>{"result of k0", "result of k1"}));
  EXPECT_EQ(this->store_->ApplyRetention(policy)->jobs_deleted, 2);
  EXPECT_EQ(this->store_->ApplyRetention(policy)->jobs_deleted, 1);
  // What the disk has no room for goes at once.
  for (int i = 0; i < 5; ++i) this->Finish("n" + std::to_string(i), 1);
  policy.max_bytes = 0;
  EXPECT_EQ(this->store_->ApplyRetention(policy)->jobs_deleted, 5);
}

TYPED_TEST_P(JobStoreContract, RetentionByBytesTakesTheOldestFirst) {
  for (int i = 0; i < 4; ++i) {
    this->Finish("k" + std::to_string(i), 100);
    this->clock_.Advance(minutes(1));
  }
  this->Submit("k0");  // Asked for again: its result is no longer the oldest.
  this->clock_.Advance(minutes(1));
  const auto report =
      *this->store_->ApplyRetention({.max_age = {}, .max_bytes = 200, .input_max_age = {}});
  EXPECT_EQ(report.bytes_freed, 200);
  EXPECT_EQ(this->files_.deleted_results,
            (std::vector<std::string>{"result of k1", "result of k2"}));
  EXPECT_EQ(this->store_->Status()->stored_bytes, 200);
}

TYPED_TEST_P(JobStoreContract, RetentionOfInputsKeepsTheJobAndEndsRetries) {
  NewJob submitted = this->New("k");
  submitted.input_bytes = 50;
  const Job job = this->Submit(submitted);
  ASSERT_TRUE(
      this->store_->Fail(this->Claim()->lease(), Error(ErrorCode::kCorruptImage, "bad"), false));
  this->clock_.Advance(hours(2));
  const RetentionPolicy policy{.max_age = {}, .max_bytes = {}, .input_max_age = hours(1)};
  this->files_.refuse = "read-only";
  EXPECT_EQ(this->store_->ApplyRetention(policy)->problems.size(), 1U);
  this->files_.refuse.clear();
  const auto report = *this->store_->ApplyRetention(policy);
  EXPECT_EQ(report.inputs_deleted, 1);
  EXPECT_EQ(report.bytes_freed, 50);
  EXPECT_EQ(this->files_.deleted_inputs, std::vector<std::string>{"payload of k"});
  EXPECT_TRUE(this->Get(job.id).input_deleted);
  EXPECT_EQ(this->CodeOf(this->store_->Retry(job.id)), ErrorCode::kConflict);
  EXPECT_EQ(this->store_->ApplyRetention(policy)->inputs_deleted, 0);
}

TYPED_TEST_P(JobStoreContract, RetentionDropsOldEmptyBatches) {
  const Batch batch = *this->store_->CreateBatch("empty");
  ASSERT_TRUE(this->store_->ApplyRetention({}));
  EXPECT_TRUE(this->store_->FindBatch(batch.id)) << "its first job may still be on the way";
  this->clock_.Advance(hours(25));
  ASSERT_TRUE(this->store_->ApplyRetention({}));
  EXPECT_FALSE(this->store_->FindBatch(batch.id));
}

TYPED_TEST_P(JobStoreContract, ReconcilePutsBackTheJobsOfDeadWorkers) {
  const Job a = this->Submit("a");
  const Job b = this->Submit("b");
  const Job c = this->Submit("c");
  this->Claim("dead");
  this->Claim("alive");
  this->Claim("dead");
  ASSERT_TRUE(this->store_->Cancel(c.id));
  const auto report =
      *this->store_->Reconcile([](const std::string& owner) { return owner == "alive"; });
  EXPECT_EQ(report.requeued, 1);
  EXPECT_EQ(report.cancelled, 1);
  EXPECT_EQ(this->Get(a.id).state, JobState::kQueued);
  EXPECT_EQ(this->Get(b.id).state, JobState::kRunning);
  EXPECT_EQ(this->Get(c.id).state, JobState::kCancelled);
}

TYPED_TEST_P(JobStoreContract, ReconcileFailsJobsWhoseResultVanished) {
  const Job gone = this->Finish("gone");
  const Job unknown = this->Finish("unknown");
  const Job there = this->Finish("there");
  this->files_.states["result of gone"] = FileState::kMissing;
  this->files_.states["result of unknown"] = FileState::kUnknown;
  const auto report = *this->store_->Reconcile([](const std::string&) { return true; });
  EXPECT_EQ(report.results_missing, 1);
  EXPECT_EQ(this->Get(gone.id).state, JobState::kFailed);
  EXPECT_EQ(this->Get(gone.id).error_code, "not_found");
  EXPECT_EQ(this->Get(unknown.id).state, JobState::kDone) << "the disk may come back";
  EXPECT_EQ(this->Get(there.id).state, JobState::kDone);
  EXPECT_EQ(this->store_->Retry(gone.id)->state, JobState::kQueued);
}

REGISTER_TYPED_TEST_SUITE_P(
    JobStoreContract, KeepsEveryFieldOfAJob, ClaimsByClassThenInOrder,
    ClaimsNothingBelowTheLowestClass, ClaimsNoneOfTheExceptions, RefusesWhatMakesNoSense,
    AFullQueueRefusesNewWorkButAnswersFromTheCache, WhatIsRefusedFailsAtOnceAndStaysInItsBatch,
    ManyAreHandedInWithTheirBatch, OfManyAFullQueueTakesNone, WhatHasItsResultNeedsNoRoom,
    OfManyOneThatMakesNoSenseStopsAll, MoreThanEverFitIsNotForLater, AnswersFromAnEarlierResult,
    ComputesAgainWhenTheResultIsGone, EqualKeysShareOneComputation,
    ATwinGoesOnWhenTheComputationIsCancelledOrFails, AnInteractiveTwinPullsItsKeyForward,
    AStaleWorkerChangesNothing, TheSameOwnerWithAnOldFenceIsStaleToo, ARenewedLeaseHolds,
    WorkersThatDieAgainAndAgainFailTheJob, BacksOffAndThenGivesUp,
    ABackoffDoesNotOutliveAClockThatIsSetBack, WhatCannotSucceedIsNotTriedAgain,
    AReleasedJobHasLostNoAttempt, CancelsAQueuedJobAtOnceAndARunningOneThroughItsWorker,
    ACancelledJobDoesNotComeBack, RetriesWhatFailed, ARetryTakesTheCacheToo,
    DeletesAJobWithItsFiles, ASharedResultStaysUntilItsLastJobGoes,
    WhatIsAJobsOwnGoesWithItWhateverElseStays, AFileThatCannotBeDeletedKeepsItsJob,
    ListsByFiltersAndPages, CountsABatchAndCancelsIt, ADeletedBatchIsGoneAtOnceAndItsFilesFollow,
    ABatchThatRunsIsCancelledAndNotDeleted, ABatchWhoseFilesStayIsSeenAgain,
    ManyTwinsAreAllCompletedAndAllDeleted, ATwinOfWhatIsDoneIsAnsweredWhenItIsClaimed,
    WhatLacksSomethingWaitsLongerEachTimeAndKeepsItsAttempts, WhatLacksSomethingForGoodFails,
    CountsTheBytesThatWait, APausedQueueGivesNothing, ReplaysEventsAndSaysWhatIsLost,
    SubscribersSeeEveryEventInOrder, ASubscriberMayCallTheStoreAndEndItself,
    ManyWorkersNeverShareAJob, RetentionByAge, RetentionByAgeDeletesSoManyAtOnce,
    RetentionByBytesTakesTheOldestFirst, RetentionOfInputsKeepsTheJobAndEndsRetries,
    RetentionDropsOldEmptyBatches, ReconcilePutsBackTheJobsOfDeadWorkers,
    ReconcileFailsJobsWhoseResultVanished);

}  // namespace gpen::jobs
