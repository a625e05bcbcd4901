// What a store must do about who added what, on every JobTable: another typed test suite, with the
// Maker of job_store_contract_testing.h.
#pragma once

#include <string>
#include <vector>

#include "jobs/job_store_contract_testing.h"

namespace gpen::jobs {

template <typename Maker>
class JobPersonContract : public JobStoreContract<Maker> {
 protected:
  static constexpr PersonId kAnna = 1;
  static constexpr PersonId kBen = 2;

  Job SubmitAs(PersonId person, const std::string& key, std::int64_t input_bytes = 0) {
    NewJob job = this->New(key);
    job.added_by = person;
    job.input_bytes = input_bytes;
    return this->Submit(job);
  }
  std::vector<JobId> IdsOf(const JobFilter& filter) {
    std::vector<JobId> ids;
    const auto jobs = this->store_->List(filter).value();
    for (const Job& job : jobs) ids.push_back(job.id);
    return ids;
  }
};

TYPED_TEST_SUITE_P(JobPersonContract);

TYPED_TEST_P(JobPersonContract, AJobKnowsWhoAddedItThroughItsWholeLife) {
  const Job job = this->SubmitAs(this->kAnna, "k");
  EXPECT_EQ(this->Get(job.id).added_by, this->kAnna);
  this->store_->Complete(this->Claim()->lease(), {"result", 1}).value();
  EXPECT_EQ(this->Get(job.id).added_by, this->kAnna);
  ASSERT_TRUE(this->store_->Bin(job.id));
  EXPECT_EQ(*this->store_->PersonOfJob(job.id), this->kAnna) << "in the bin too";
  EXPECT_EQ(*this->store_->PersonOfJob(job.id + 1), std::nullopt);
  EXPECT_EQ(this->SubmitAs(0, "nobody").added_by, 0);
}

TYPED_TEST_P(JobPersonContract, ListsOfAPersonHoldTheirsAlone) {
  const Job first = this->SubmitAs(this->kAnna, "a1");
  const Job others = this->SubmitAs(this->kBen, "b");
  const Job nobodys = this->SubmitAs(0, "n");
  const Job second = this->SubmitAs(this->kAnna, "a2");
  EXPECT_EQ(this->IdsOf({.added_by = this->kAnna}), (std::vector{second.id, first.id}));
  EXPECT_EQ(this->IdsOf({.added_by = this->kBen}), std::vector{others.id});
  EXPECT_EQ(this->IdsOf({.added_by = 0}), std::vector{nobodys.id});
  EXPECT_EQ(this->IdsOf({}).size(), 4U);
  EXPECT_EQ(this->IdsOf({.before = second.id, .added_by = this->kAnna}), std::vector{first.id});
  EXPECT_EQ(this->IdsOf({.key_begin = "a"}), (std::vector{second.id, first.id}));
  EXPECT_EQ(this->IdsOf({.added_by = this->kAnna, .key_begin = "a2"}), std::vector{second.id});
}

TYPED_TEST_P(JobPersonContract, AnEqualPhotoSharesTheResultAndNothingElse) {
  const Job annas = this->SubmitAs(this->kAnna, "same");
  const Job bens = this->SubmitAs(this->kBen, "same");
  const Job done = *this->store_->Complete(this->Claim()->lease(), {"result", 7});
  EXPECT_EQ(this->Get(bens.id).result, done.result);
  EXPECT_EQ(this->Get(bens.id).added_by, this->kBen);
  EXPECT_EQ(this->Get(annas.id).added_by, this->kAnna);
  EXPECT_EQ(this->SubmitAs(this->kBen, "same").added_by, this->kBen) << "from the cache";
  ASSERT_TRUE(this->store_->Delete(annas.id));
  EXPECT_EQ(this->Get(bens.id).result, done.result);
  EXPECT_TRUE(this->files_.deleted_results.empty());
}

TYPED_TEST_P(JobPersonContract, CountsOfAPersonAreTheirsAlone) {
  this->SubmitAs(this->kAnna, "a", 5);
  this->store_->Complete(this->Claim()->lease(), {"result", 10}).value();
  const Job binned = this->SubmitAs(this->kAnna, "binned", 3);
  ASSERT_TRUE(this->store_->Bin(binned.id));
  this->SubmitAs(this->kBen, "b", 100);
  const Error no_room(ErrorCode::kUnavailable, "no room for b");
  this->store_->Postpone(this->Claim()->lease(), no_room).value();

  const auto annas = this->store_->Status(this->kAnna).value();
  EXPECT_EQ(annas.counts.total(), 1);
  EXPECT_EQ(annas.counts[JobState::kDone], 1);
  EXPECT_EQ(annas.binned, 1);
  EXPECT_EQ(annas.stored_bytes, 5 + 10 + 3);
  EXPECT_EQ(annas.postponed.count, 0);
  EXPECT_EQ(annas.postponed.reason, "");
  const auto bens = this->store_->Status(this->kBen).value();
  EXPECT_EQ(bens.counts[JobState::kQueued], 1);
  EXPECT_EQ(bens.postponed.reason, "no room for b");
  EXPECT_EQ(this->store_->Status()->counts.total(), 2);
  EXPECT_EQ(this->store_->Status()->postponed.count, 1);
}

TYPED_TEST_P(JobPersonContract, ABatchIsOnePersons) {
  const Batch batch = *this->store_->CreateBatch("holiday", this->kAnna);
  EXPECT_EQ(this->store_->FindBatch(batch.id)->added_by, this->kAnna);
  EXPECT_EQ(*this->store_->PersonOfBatch(batch.id), this->kAnna);
  EXPECT_EQ(*this->store_->PersonOfBatch(batch.id + 1), std::nullopt);
  this->SubmitAs(this->kBen, "b");
  EXPECT_EQ(this->store_->ListBatches(0, 10, this->kAnna)->size(), 1U);
  EXPECT_TRUE(this->store_->ListBatches(0, 10, this->kBen)->empty());

  NewJob job = this->New("k");
  job.batch = batch.id;
  job.added_by = this->kBen;
  const auto refused = this->store_->Submit(job);
  ASSERT_EQ(this->CodeOf(refused), ErrorCode::kNotFound);
  EXPECT_EQ(refused.error().message(), NoSuchBatch(batch.id).message());
  EXPECT_TRUE(this->store_->CheckBatch(batch.id, this->kAnna));
  EXPECT_FALSE(this->store_->CheckBatch(batch.id, this->kBen));
  job.added_by = this->kAnna;
  EXPECT_TRUE(this->store_->Submit(job));

  NewJob many = this->New("m");
  many.added_by = this->kBen;
  const auto made = this->store_->SubmitAll({many}, "Ben's").value();
  EXPECT_EQ(this->store_->FindBatch(made.front().job.batch)->added_by, this->kBen);
}

TYPED_TEST_P(JobPersonContract, OnePersonsBinIsEmptiedWithoutTheOthers) {
  const Job annas = this->SubmitAs(this->kAnna, "a");
  const Job bens = this->SubmitAs(this->kBen, "b");
  for (const JobId id : {annas.id, bens.id}) ASSERT_TRUE(this->store_->Bin(id));
  ASSERT_TRUE(this->store_->EmptyBin(this->kAnna));
  EXPECT_EQ(this->CodeOf(this->store_->FindBinned(annas.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(this->store_->FindBinned(bens.id));
  EXPECT_EQ(this->store_->Status()->binned, 1);
}

TYPED_TEST_P(JobPersonContract, EventsOfAPersonAreTheirsAndTheQueues) {
  const Job annas = this->SubmitAs(this->kAnna, "a");
  this->SubmitAs(this->kBen, "b");
  ASSERT_TRUE(this->store_->SetPaused(true));
  const Batch batch = *this->store_->CreateBatch("Ben's", this->kBen);
  NewJob job = this->New("in batch");
  job.batch = batch.id;
  job.added_by = this->kBen;
  this->Submit(job);
  ASSERT_TRUE(this->store_->BinBatch(batch.id));
  const auto events = this->Events(100, {.added_by = this->kAnna});
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].job, annas.id);
  EXPECT_EQ(events[1].kind, JobEventKind::kQueuePaused);
  const auto bens = this->Events(100, {.added_by = this->kBen});
  EXPECT_EQ(bens.back().kind, JobEventKind::kBinned) << "of a whole batch";
}

REGISTER_TYPED_TEST_SUITE_P(JobPersonContract, AJobKnowsWhoAddedItThroughItsWholeLife,
                            ListsOfAPersonHoldTheirsAlone,
                            AnEqualPhotoSharesTheResultAndNothingElse,
                            CountsOfAPersonAreTheirsAlone, ABatchIsOnePersons,
                            OnePersonsBinIsEmptiedWithoutTheOthers,
                            EventsOfAPersonAreTheirsAndTheQueues);

}  // namespace gpen::jobs
