#include "watching/folder_feeder.h"

#include <functional>
#include <thread>

#include "codec/encode.h"
#include "codec/pictures_testing.h"
#include "watching/watch_feeder.h"
#include "watching/watching_testing.h"

namespace gpen::watching {
namespace {

using watch::FileState;

class FolderFeederTest : public WatchingFixture {
 protected:
  FeederParts Parts() { return {ledger_.get(), store_.get(), &clock_, {}}; }
  FolderFeeder& Feeder() {
    if (!feeder_) feeder_.emplace(&Folder(), Parts());
    return *feeder_;
  }
  // Rounds until it is so; never longer than is generous.
  bool Happens(const std::function<bool()>& condition) {
    for (int i = 0; i < 400; ++i) {
      const auto round = Feeder().Round(Milliseconds(25));
      EXPECT_TRUE(round) << round.error().message();
      if (condition()) return true;
    }
    return false;
  }
  bool Reaches(const std::string& path, FileState state) {
    return Happens([&] { return StateOf(path) == state; });
  }

  std::optional<FolderFeeder> feeder_;
};

TEST_F(FolderFeederTest, HandsAPhotoToTheQueueByItsRow) {
  Write("2024/a.jpg", "photo");
  ASSERT_TRUE(Reaches("2024/a.jpg", FileState::kQueued));
  ASSERT_EQ(Jobs().size(), 1U);
  const auto job = Jobs().front();
  EXPECT_EQ(job.name, "f/2024/a.jpg");
  EXPECT_EQ(job.priority, jobs::JobPriority::kWatch);
  EXPECT_EQ(job.id, Row("2024/a.jpg")->job);
  EXPECT_EQ(std::get<photos::ExternalPhoto>(Of(job).task.source),
            (photos::ExternalPhoto{Row("2024/a.jpg")->id, 1}));
}

TEST_F(FolderFeederTest, CountsThePixelsOfAPhoto) {
  const auto photo =
      codec::MakePhoto(codec::DrawPicture<std::uint8_t>(30, 20, 3), codec::Format::kPng);
  std::vector<std::string> warnings;
  const auto file = codec::Encode(photo, {}, &warnings);
  ASSERT_TRUE(file) << file.error().message();
  Write("photo.png", std::string(AsText(*file)));
  Write("broken.jpg", "no photo");
  ASSERT_TRUE(Happens([&] { return Jobs().size() == 2; }));
  for (const auto& job : Jobs()) {
    EXPECT_EQ(Of(job).task.pixels, job.name == "f/photo.png" ? 600 : 0) << job.name;
  }
}

TEST_F(FolderFeederTest, HandsInAFewAtATime) {
  for (int i = 0; i < 20; ++i) Write(std::to_string(i) + ".jpg", "photo " + std::to_string(i));
  ASSERT_TRUE(Happens([&] { return Jobs().size() == 16; }));
  ASSERT_TRUE(Feeder().Round(Milliseconds(0)));
  EXPECT_EQ(Jobs().size(), 16U);
  ASSERT_TRUE(store_->Cancel(Jobs().front().id));
  EXPECT_TRUE(Happens([&] { return Jobs().size() == 17; })) << "one more for one that ended";
}

TEST_F(FolderFeederTest, NotesHowItsJobsEnded) {
  for (const auto* name : {"failed.jpg", "cancelled.jpg", "again.jpg", "gone.jpg"}) {
    Write(name, std::string("photo ") + name);
    ASSERT_TRUE(Reaches(name, FileState::kQueued)) << name;
  }
  const auto fail = [&](const std::string& name, const Error& error) {
    const auto job = Claim();
    ASSERT_EQ(job.name, "f/" + name);
    ASSERT_TRUE(store_->Fail(job.lease(), error, /*retryable=*/false));
  };
  fail("failed.jpg", Error(ErrorCode::kCorruptImage, "it is damaged"));
  ASSERT_TRUE(store_->Cancel(Row("cancelled.jpg")->job));
  ASSERT_TRUE(Reaches("cancelled.jpg", FileState::kSkipped));
  EXPECT_EQ(Row("cancelled.jpg")->message, "cancelled");
  ASSERT_TRUE(Reaches("failed.jpg", FileState::kFailed));
  EXPECT_EQ(Row("failed.jpg")->message, "it is damaged");

  fail("again.jpg", Error(ErrorCode::kUnavailable, "the disk is full"));
  ASSERT_TRUE(Reaches("again.jpg", FileState::kWaiting));
  EXPECT_GT(Row("again.jpg")->due, clock_.Now()) << "it may go away by itself, but not at once";

  const auto deleted = Row("gone.jpg")->job;
  ASSERT_TRUE(store_->Delete(deleted));
  EXPECT_TRUE(Happens([&] { return Row("gone.jpg")->job > deleted; })) << "handed in again";
}

TEST_F(FolderFeederTest, AFullQueueIsTriedAgain) {
  Reopen({.max_queued = 1});
  Write("a.jpg", "photo a");
  ASSERT_TRUE(Reaches("a.jpg", FileState::kQueued));
  Write("b.jpg", "photo b");
  const auto refused = [&] {
    for (int i = 0; i < 400; ++i) {
      const auto round = Feeder().Round(Milliseconds(25));
      if (!round) return round.error().code() == ErrorCode::kQueueFull;
    }
    return false;
  };
  EXPECT_TRUE(refused()) << "a person should know why nothing happens";
  EXPECT_EQ(StateOf("b.jpg"), FileState::kWaiting);
  ASSERT_TRUE(store_->Cancel(Row("a.jpg")->job));
  EXPECT_TRUE(Reaches("b.jpg", FileState::kQueued));
}

TEST_F(FolderFeederTest, ADonePhotoThatIsWrittenAgainAsItWasGetsNoJob) {
  Write("a.jpg", "photo");
  ASSERT_TRUE(Reaches("a.jpg", FileState::kQueued));
  auto row = *Row("a.jpg");
  row.state = FileState::kDone;
  row.sha256 = Sha256(AsBytes("photo"));
  ASSERT_TRUE(*ledger_->Update(row));
  Write("a.jpg", "photo");
  ASSERT_TRUE(Happens([&] {
    return Row("a.jpg")->generation > row.generation && StateOf("a.jpg") == FileState::kDone;
  }));
  EXPECT_EQ(Jobs().size(), 1U);
}

TEST_F(FolderFeederTest, WorksInAThreadOfItsOwn) {
  WatchFeeder feeder(&*folders_, Parts());
  feeder.Start();
  Write("a.jpg", "photo");
  const auto eventually = [&](FileState state) {
    for (int i = 0; i < 1000 && StateOf("a.jpg") != state; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return StateOf("a.jpg") == state;
  };
  EXPECT_TRUE(eventually(FileState::kQueued));
  // The row is queued a moment before it knows its job.
  for (int i = 0; i < 1000 && Row("a.jpg")->job == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  // The end of the job wakes it: it waits for five seconds else, and so does the test fail.
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(store_->Cancel(Row("a.jpg")->job));
  EXPECT_TRUE(eventually(FileState::kSkipped));
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(4));
  EXPECT_EQ(Folder().View().state, "watching");
  EXPECT_EQ(Folder().View().counts.done, 1);
  feeder.Stop();
}

}  // namespace
}  // namespace gpen::watching
