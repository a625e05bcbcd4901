#include "watching/watch_recovery.h"

#include "watching/watching_testing.h"

namespace gpen::watching {
namespace {

using watch::FileState;

class WatchRecoveryTest : public WatchingFixture {
 protected:
  void Recover() {
    const auto recovered = RecoverWatch(&*folders_, ledger_.get(), store_.get());
    ASSERT_TRUE(recovered) << recovered.error().message();
  }
  // As if the crash came while the row's photo was handed in.
  void ForgetJob(watch::WatchedFile row) {
    row.job = 0;
    ASSERT_TRUE(*ledger_->Update(row));
  }
  jobs::JobState StateOfJob(jobs::JobId id) { return store_->Find(id)->state; }
};

TEST_F(WatchRecoveryTest, FindsTheJobThatTheQueueHas) {
  Write("a.jpg", "photo");
  const auto row = Queue("a.jpg");
  ForgetJob(row);
  Recover();
  EXPECT_EQ(StateOf("a.jpg"), FileState::kQueued);
  EXPECT_EQ(Row("a.jpg")->job, row.job);
  EXPECT_EQ(StateOfJob(row.job), jobs::JobState::kQueued);
}

TEST_F(WatchRecoveryTest, WhatTheQueueDoesNotHaveWaitsAgain) {
  Write("a.jpg", "photo");
  const auto row = Queue("a.jpg");
  ForgetJob(row);
  Reopen({});  // A queue that knows nothing of it.
  Recover();
  EXPECT_EQ(StateOf("a.jpg"), FileState::kWaiting);
}

TEST_F(WatchRecoveryTest, CancelsJobsThatNoRowKnows) {
  Write("a.jpg", "photo");
  const auto row = Queue("a.jpg");
  const auto older = Submit({row.id, row.generation - 1});
  const auto lost = Submit({999, 1});
  jobs::NewJob odd;
  odd.key = "odd";
  odd.priority = jobs::JobPriority::kWatch;
  odd.payload = "{}";
  const auto foreign = store_->Submit(odd)->job;
  odd.key = "upload";
  odd.priority = jobs::JobPriority::kBatch;
  const auto upload = store_->Submit(odd)->job;
  Recover();
  EXPECT_EQ(StateOfJob(row.job), jobs::JobState::kQueued);
  EXPECT_EQ(StateOfJob(older.id), jobs::JobState::kCancelled) << "the photo was replaced";
  EXPECT_EQ(StateOfJob(lost.id), jobs::JobState::kCancelled) << "the ledger was lost";
  EXPECT_EQ(StateOfJob(foreign.id), jobs::JobState::kCancelled);
  EXPECT_EQ(StateOfJob(upload.id), jobs::JobState::kQueued) << "not ours";
}

TEST_F(WatchRecoveryTest, RemovesHalfWrittenResults) {
  Write("a.jpg", "photo");
  Queue("a.jpg");
  Write("enhanced/.gpen-999999999-1.tmp", "of a process that cannot be");
  Write("enhanced/kept.jpg", "a result");
  Recover();
  EXPECT_FALSE(std::filesystem::exists(root_ / "enhanced/.gpen-999999999-1.tmp"));
  EXPECT_TRUE(std::filesystem::exists(root_ / "enhanced/kept.jpg"));
}

TEST_F(WatchRecoveryTest, AFolderThatIsAwayIsNoProblem) {
  Write("a.jpg", "photo");
  const auto row = Queue("a.jpg");
  std::filesystem::rename(root_, temporary_.path() / "away");
  Recover();
  EXPECT_EQ(StateOf("a.jpg"), FileState::kQueued);
  EXPECT_EQ(Row("a.jpg")->job, row.job);
}

}  // namespace
}  // namespace gpen::watching
