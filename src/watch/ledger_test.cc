#include "watch/ledger.h"

#include <gtest/gtest.h>

#include "base/clock_testing.h"
#include "base/folder_testing.h"

namespace gpen::watch {
namespace {

class LedgerTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }
  void Reopen() {
    ledger_.reset();
    auto opened = Ledger::Open(folder_.path() / "watch.db", clock_);
    ASSERT_TRUE(opened) << opened.error().message();
    ledger_ = *std::move(opened);
  }
  bool Note(const std::string& path, const FileIdentity& identity, bool stable_inodes = true) {
    return *ledger_->NoteSeen("f", path, identity, clock_.Now(), stable_inodes);
  }
  WatchedFile Row(const std::string& path) { return **ledger_->FindPath("f", path); }
  void SetState(const std::string& path, FileState state) {
    auto row = Row(path);
    row.state = state;
    ASSERT_TRUE(*ledger_->Update(row));
  }

  FakeClock clock_;
  TestFolder folder_;
  std::unique_ptr<Ledger> ledger_;
  const FileIdentity first_{10, 1'000'000'000, 5, 7};
};

TEST_F(LedgerTest, RemembersAcrossRestartsWithNamesOfAnyBytes) {
  const std::string name("odd \xFF\n'\"%s.jpg");
  EXPECT_TRUE(Note(name, first_));
  auto row = Row(name);
  row.state = FileState::kDone;
  row.sha256 = "abc";
  row.output = {"out/\xFF.jpg", {20, 2, 0, 9}, "def"};
  row.intended.written.path = "next";
  row.intended.generation = 4;
  row.intended.result_key = "z";
  ASSERT_TRUE(*ledger_->Update(row));
  const std::string id = ledger_->id();
  Reopen();
  EXPECT_EQ(ledger_->id(), id);
  const auto again = Row(name);
  EXPECT_EQ(again.path, name);
  EXPECT_EQ(again.state, FileState::kDone);
  EXPECT_EQ(again.output.path, "out/\xFF.jpg");
  EXPECT_EQ(again.output.identity.inode, 9);
  EXPECT_EQ(again.intended.written.path, "next");
  EXPECT_EQ(again.intended.generation, 4);
  EXPECT_EQ(again.intended.result_key, "z");
  EXPECT_FALSE(Note(name, first_)) << "it is done already";
}

TEST_F(LedgerTest, AReplacedPhotoIsANewGenerationThatAnOldJobCannotTouch) {
  Note("a", first_);
  auto old = Row("a");
  SetState("a", FileState::kQueued);
  auto replaced = first_;
  replaced.mtime_ns += 1;
  EXPECT_TRUE(Note("a", replaced));
  EXPECT_EQ(Row("a").generation, old.generation + 1);
  EXPECT_EQ(Row("a").state, FileState::kSettling);
  old.state = FileState::kDone;
  EXPECT_FALSE(*ledger_->Update(old)) << "of an earlier content";
  EXPECT_EQ(Row("a").state, FileState::kSettling);
}

TEST_F(LedgerTest, InodesCountOnlyWhereTheyAreStable) {
  Note("a", first_);
  SetState("a", FileState::kDone);
  auto remounted = first_;
  remounted.inode = 99;
  EXPECT_FALSE(Note("a", remounted, false));
  EXPECT_TRUE(Note("a", remounted, true));
}

TEST_F(LedgerTest, PermissionsBringOnlyAFailedPhotoBack) {
  auto chmodded = first_;
  chmodded.ctime_ns += 1;
  Note("done", first_);
  SetState("done", FileState::kDone);
  EXPECT_FALSE(Note("done", chmodded));
  Note("failed", first_);
  SetState("failed", FileState::kFailed);
  EXPECT_FALSE(Note("failed", first_));
  EXPECT_TRUE(Note("failed", chmodded));
}

TEST_F(LedgerTest, AClosedFileWaitsForTheShorterTime) {
  ASSERT_TRUE(*ledger_->NoteSeen("f", "a", first_, clock_.Now() + Milliseconds(10'000), true));
  ASSERT_TRUE(*ledger_->NoteSeen("f", "a", first_, clock_.Now() + Milliseconds(2'000), true));
  EXPECT_EQ(Row("a").due, clock_.Now() + Milliseconds(2'000));
  EXPECT_EQ(Row("a").generation, 1);
  clock_.Advance(Milliseconds(1'999));
  EXPECT_TRUE(ledger_->Due("f", FileState::kSettling, 10)->empty());
  clock_.Advance(Milliseconds(1));
  EXPECT_EQ(ledger_->Due("f", FileState::kSettling, 10)->size(), 1U);
}

TEST_F(LedgerTest, CountsByWhatPeopleAsk) {
  for (const auto* name : {"a", "b", "c", "d", "e", "g"}) Note(name, first_);
  SetState("b", FileState::kQueued);
  SetState("c", FileState::kDone);
  SetState("d", FileState::kSkipped);
  SetState("e", FileState::kFailed);
  SetState("g", FileState::kMissing);
  const auto counts = *ledger_->Count("f");
  EXPECT_EQ(counts.waiting, 2);
  EXPECT_EQ(counts.done, 2);
  EXPECT_EQ(counts.failed, 1);
  EXPECT_EQ(*ledger_->CountQueued("f"), 1);
  EXPECT_EQ(ledger_->Count("other")->waiting, 0);
}

TEST_F(LedgerTest, AFailedTransactionChangesNothing) {
  const auto failed = ledger_->InTransaction([&]() -> Result<void> {
    Note("a", first_);
    return Error(ErrorCode::kInternal, "stop");
  });
  EXPECT_FALSE(failed);
  EXPECT_FALSE(*ledger_->FindPath("f", "a"));
}

}  // namespace
}  // namespace gpen::watch
