#include "watch/output_tree.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <thread>

#include "base/durable_database.h"
#include "base/file.h"
#include "watch/photo_intake.h"
#include "watch/watch_fixture_testing.h"

namespace gpen::watch {
namespace {

namespace fs = std::filesystem;

TEST(ResultName, IsThePhotosOwnWhereItCan) {
  EXPECT_EQ(ResultNameFor("A.JPG", "", 0), "A.JPG");
  EXPECT_EQ(ResultNameFor("A.JPG", "", 1), "A (2).JPG");
  EXPECT_EQ(ResultNameFor("a.heic", ".jpg", 0), "a.jpg");
  EXPECT_EQ(ResultNameFor("a.heic", ".jpg", 1), "a.heic.jpg");
  EXPECT_EQ(ResultNameFor("a.heic", ".jpg", 2), "a.heic (2).jpg");
}

TEST(ResultName, FitsTheFileSystem) {
  std::string name;
  while (name.size() + 3 <= 251) name += "\xE7\x85\xA7";
  name += ".jpg";
  const std::string second = ResultNameFor(name, "", 1);
  EXPECT_LE(second.size(), 255U);
  EXPECT_TRUE(second.ends_with("\xE7\x85\xA7 (2).jpg")) << "cut between characters";
}

class OutputTreeTest : public WatchFixture {
 protected:
  // The row of a photo that is at work.
  WatchedFile Queue(const std::string& path) {
    const auto identity = **LookBeneath(OpenedRoot().folder(), path);
    EXPECT_TRUE(*ledger_->NoteSeen("f", path, identity, clock_.Now(), true));
    auto row = *Row(path);
    row.state = FileState::kQueued;
    EXPECT_TRUE(*ledger_->Update(row));
    return row;
  }
  Result<void> Deliver(const WatchedFile& row, const std::string& text,
                       const std::string& extension = "") {
    NewResult result;
    result.bytes = AsBytes(text);
    result.sha256 = Sha256(AsBytes(text));
    result.of_sha256 = Sha256(AsBytes(Read(root_ / row.path)));
    result.result_key = "key of " + result.of_sha256;
    result.extension = extension;
    return tree_.Deliver(OpenedRoot(), row, result);
  }
  IntakeAnswer Look(const std::string& path) {
    const auto identity = **LookBeneath(OpenedRoot().folder(), path);
    EXPECT_TRUE(ledger_->NoteSeen("f", path, identity, clock_.Now(), true));
    auto row = *Row(path);
    row.state = FileState::kWaiting;
    EXPECT_TRUE(*ledger_->Update(row));
    const auto answer = PhotoIntake(ledger_.get(), &tree_).Look(OpenedRoot(), row);
    EXPECT_TRUE(answer) << answer.error().message();
    return *answer;
  }

  OutputTree tree_{nullptr, nullptr};  // Set in SetUp(), when there is a ledger.

  void SetUp() override {
    WatchFixture::SetUp();
    tree_ = OutputTree(&folder_, ledger_.get());
  }
};

TEST_F(OutputTreeTest, PutsTheResultBesideThePhotoWithItsMode) {
  Write("2024/a.jpg", "photo");
  ::chmod((root_ / "2024/a.jpg").c_str(), 0640);
  ::chmod((root_ / "2024").c_str(), 0750);
  ASSERT_TRUE(Deliver(Queue("2024/a.jpg"), "result"));
  const auto result = root_ / "2024/enhanced/a.jpg";
  EXPECT_EQ(Read(result), "result");
  struct stat status = {};
  ::stat(result.c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  ::stat((root_ / "2024/enhanced").c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777U, 0750U);
  EXPECT_EQ(StateOf("2024/a.jpg"), FileState::kDone);
  EXPECT_TRUE(*tree_.IsIntact(OpenedRoot(), Row("2024/a.jpg")->output));
}

TEST_F(OutputTreeTest, AnotherRootHasTheSameTreeAndOwner) {
  folder_.output = temporary_.path() / "out";
  Write("2024/summer/a.jpg", "photo");
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::chown((root_ / "2024/summer/a.jpg").c_str(), 1234, 2345), 0);
  }
  ASSERT_TRUE(Deliver(Queue("2024/summer/a.jpg"), "result"));
  const auto result = folder_.output / "2024/summer/a.jpg";
  EXPECT_EQ(Read(result), "result");
  struct stat status = {};
  ::stat(result.c_str(), &status);
  if (is_root) {
    EXPECT_EQ(status.st_uid, 1234U);
    EXPECT_EQ(status.st_gid, 2345U);
  }
  // It existed: if it is not there any more, it was not deleted but unmounted.
  fs::rename(folder_.output, temporary_.path() / "gone");
  const auto base = tree_.OpenBase(OpenedRoot());
  ASSERT_FALSE(base);
  EXPECT_EQ(base.error().code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(fs::exists(folder_.output));
}

TEST_F(OutputTreeTest, NeverOverwritesWhatIsNotOurs) {
  Write("a.jpg", "photo");
  Write("enhanced/a.jpg", "somebody's own");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "result"));
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "somebody's own");
  EXPECT_EQ(Read(root_ / "enhanced/a (2).jpg"), "result");
}

TEST_F(OutputTreeTest, ANewContentReplacesOurResultButNotAnEditedOne) {
  Write("a.jpg", "photo");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "result"));
  Write("a.jpg", "second photo");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "second result"));
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "second result");
  EXPECT_FALSE(fs::exists(root_ / "enhanced/a (2).jpg"));
  Write("enhanced/a.jpg", "edited by a person");
  Write("a.jpg", "third photo!!");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "third result"));
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "edited by a person");
  EXPECT_EQ(Read(root_ / "enhanced/a (2).jpg"), "third result");
}

// The ledger is locked while the result is written, so that the edit comes between the look at the
// earlier result and the rename.
TEST_F(OutputTreeTest, AnEditWhileANewResultIsWrittenStays) {
  Write("a.jpg", "photo");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "result"));
  Write("a.jpg", "second photo");
  const auto row = Queue("a.jpg");
  auto other = *OpenDurableDatabase(temporary_.path() / "watch.db", 10'000, false);
  ASSERT_TRUE(other->Execute("BEGIN IMMEDIATE"));
  std::jthread delivery([&] { EXPECT_TRUE(Deliver(row, "second result")); });
  const auto is_written = [&] {
    for (const auto& entry : fs::directory_iterator(root_ / "enhanced")) {
      if (entry.path().extension() == ".tmp" && Read(entry.path()) == "second result") return true;
    }
    return false;
  };
  for (int i = 0; i < 5'000 && !is_written(); ++i) std::this_thread::sleep_for(Milliseconds(1));
  EXPECT_TRUE(is_written());
  Write("enhanced/a.jpg", "edited meanwhile");
  ASSERT_TRUE(other->Execute("COMMIT"));
  delivery.join();
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "edited meanwhile");
  EXPECT_EQ(Read(root_ / "enhanced/a (2).jpg"), "second result");
  EXPECT_EQ(Row("a.jpg")->output.path, "enhanced/a (2).jpg");
}

TEST_F(OutputTreeTest, AResultHasThePhotosDateUnlessItIsNotToKeepIt) {
  Write("a.jpg", "photo");
  const timespec times[2] = {{0, UTIME_OMIT}, {1'000'000'000, 5'000}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / "a.jpg").c_str(), times, 0), 0);
  const auto date_of_result = [&] {
    struct stat status = {};
    EXPECT_EQ(::stat((root_ / "enhanced/a.jpg").c_str(), &status), 0);
    return status.st_mtim.tv_sec;
  };
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "result"));
  EXPECT_EQ(date_of_result(), 1'000'000'000);
  folder_.keep_date = false;
  ASSERT_TRUE(Deliver(*Row("a.jpg"), "result"));
  EXPECT_GT(date_of_result(), 1'000'000'000);
}

TEST_F(OutputTreeTest, TheNameThatFitsAPhotoIsKeptForIt) {
  Write("IMG_1.heic", "photo");
  Write("IMG_1.jpg", "another");
  ASSERT_TRUE(Deliver(Queue("IMG_1.heic"), "result", ".jpg"));
  ASSERT_TRUE(Deliver(Queue("IMG_1.jpg"), "another result"));
  EXPECT_EQ(Read(root_ / "enhanced/IMG_1.heic.jpg"), "result");
  EXPECT_EQ(Read(root_ / "enhanced/IMG_1.jpg"), "another result");
}

TEST_F(OutputTreeTest, NamesThatCollideDoNotLoseAResult) {
  Write("a.png", "one");
  Write("a.webp", "two");
  ASSERT_TRUE(Deliver(Queue("a.png"), "result one", ".jpg"));
  ASSERT_TRUE(Deliver(Queue("a.webp"), "result two", ".jpg"));
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "result one");
  EXPECT_EQ(Read(root_ / "enhanced/a.webp.jpg"), "result two");
}

TEST_F(OutputTreeTest, AResultOfAReplacedOrDeletedPhotoIsNotWritten) {
  Write("a.jpg", "photo");
  const auto row = Queue("a.jpg");
  Write("a.jpg", "replaced since");
  const auto replaced = Deliver(row, "result");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code(), ErrorCode::kConflict);
  Write("b.jpg", "photo");
  const auto gone = Queue("b.jpg");
  fs::remove(root_ / "b.jpg");
  EXPECT_FALSE(tree_.Deliver(OpenedRoot(), gone, {AsBytes("x"), "", "", "", ""}));
  EXPECT_TRUE(fs::is_empty(root_ / "enhanced")) << "no result and no temporary file";
}

TEST_F(OutputTreeTest, DoesNotWriteThroughALink) {
  fs::create_directory(temporary_.path() / "target");
  fs::create_directory_symlink(temporary_.path() / "target", root_ / "enhanced");
  Write("a.jpg", "photo");
  EXPECT_FALSE(Deliver(Queue("a.jpg"), "result"));
  EXPECT_TRUE(fs::is_empty(temporary_.path() / "target"));
}

TEST_F(OutputTreeTest, NamesOfAnyBytes) {
  for (const std::string name : {"\xFF\xFE.jpg", "line\nbreak.jpg", "-rf *.jpg", "%s\\.jpg"}) {
    Write(name, "photo");
    ASSERT_TRUE(Deliver(Queue(name), "result")) << name;
    EXPECT_EQ(Read(root_ / "enhanced" / name), "result");
  }
}

TEST_F(OutputTreeTest, AfterACrashTheDiskTellsWhatWasDelivered) {
  Write("a.jpg", "photo");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "result"));
  // As if the crash came before the row was stored as done.
  auto row = *Row("a.jpg");
  row.intended = {row.output, row.generation, row.sha256, row.result_key};
  row.output = {};
  row.sha256.clear();
  ASSERT_TRUE(*ledger_->Update(row));
  EXPECT_EQ(Look("a.jpg"), IntakeAnswer::kNoRun);
  EXPECT_EQ(StateOf("a.jpg"), FileState::kDone);
  // And as if it came before the result was put in place.
  Write("b.jpg", "another photo");
  row = Queue("b.jpg");
  row.intended.written.path = "enhanced/b.jpg";
  row.intended.written.identity = {6, 1, 0, 1};
  row.intended.generation = row.generation;
  ASSERT_TRUE(*ledger_->Update(row));
  EXPECT_EQ(Look("b.jpg"), IntakeAnswer::kRun);
}

TEST_F(OutputTreeTest, ARenameTakesTheResultAlong) {
  Write("a.jpg", "photo");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "result"));
  fs::create_directory(root_ / "new");
  fs::rename(root_ / "a.jpg", root_ / "new/b.jpg");
  EXPECT_EQ(Look("new/b.jpg"), IntakeAnswer::kNoRun);
  EXPECT_EQ(StateOf("new/b.jpg"), FileState::kDone);
  EXPECT_EQ(Read(root_ / "new/enhanced/b.jpg"), "result");
  EXPECT_FALSE(fs::exists(root_ / "enhanced/a.jpg"));
  EXPECT_FALSE(Row("a.jpg"));
}

TEST_F(OutputTreeTest, ARenameNeverTakesTheNameOfAForeignFile) {
  Write("a.jpg", "photo");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "result"));
  fs::rename(root_ / "a.jpg", root_ / "b.jpg");
  Write("enhanced/b.jpg", "somebody's own");
  EXPECT_EQ(Look("b.jpg"), IntakeAnswer::kNoRun);
  EXPECT_EQ(Read(root_ / "enhanced/b.jpg"), "somebody's own");
  EXPECT_EQ(Read(root_ / "enhanced/b (2).jpg"), "result");
  EXPECT_FALSE(fs::exists(root_ / "enhanced/a.jpg"));
}

TEST_F(OutputTreeTest, ACopyIsNoRenameAndATouchIsNoChange) {
  Write("a.jpg", "photo");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "result"));
  fs::copy_file(root_ / "a.jpg", root_ / "b.jpg");
  EXPECT_EQ(Look("b.jpg"), IntakeAnswer::kRun);
  fs::last_write_time(root_ / "a.jpg", fs::file_time_type::clock::now());
  EXPECT_EQ(Look("a.jpg"), IntakeAnswer::kNoRun);
  EXPECT_EQ(StateOf("a.jpg"), FileState::kDone);
}

TEST_F(OutputTreeTest, AResultThatIsPutBackIsNoPhoto) {
  Write("a.jpg", "photo");
  ASSERT_TRUE(Deliver(Queue("a.jpg"), "result"));
  fs::copy_file(root_ / "enhanced/a.jpg", root_ / "copied back.jpg");
  EXPECT_EQ(Look("copied back.jpg"), IntakeAnswer::kNoRun);
  EXPECT_EQ(StateOf("copied back.jpg"), FileState::kSkipped);
}

TEST_F(OutputTreeTest, RemovesOnlyWhatADeadProcessLeft) {
  Write("a.jpg", "photo");
  Write("enhanced/.gpen-999999999-1.tmp", "of a process that cannot be");
  Write("enhanced/.gpen-1-1.tmp", "of a living process");
  Write("enhanced/.gpen-x.tmp", "not ours");
  tree_.RemoveHalfWritten(OpenedRoot(), "a.jpg");
  EXPECT_FALSE(fs::exists(root_ / "enhanced/.gpen-999999999-1.tmp"));
  EXPECT_TRUE(fs::exists(root_ / "enhanced/.gpen-1-1.tmp"));
  EXPECT_TRUE(fs::exists(root_ / "enhanced/.gpen-x.tmp"));
}

}  // namespace
}  // namespace gpen::watch
