#include "photos/queue_copies.h"

#include "base/file.h"
#include "jobs/sqlite_job_store.h"
#include "photos/photos_testing.h"

namespace gpen::photos {
namespace {

using std::chrono::hours;

class QueueCopiesTest : public PhotoFixture {
 protected:
  std::unique_ptr<jobs::JobStore> Open() {
    jobs::SqliteOptions options;
    options.file = folder_->database();
    auto opened = jobs::OpenSqliteJobStore(options, {}, clock_, *files_);
    EXPECT_TRUE(opened) << opened.error().message();
    identity_ = opened->identity;
    return std::move(opened->store);
  }
  static void SubmitTo(jobs::JobStore* store, const std::string& name) {
    jobs::NewJob job;
    job.key = name;
    job.name = name;
    EXPECT_TRUE(store->Submit(job));
  }

  std::string identity_;
};

TEST_F(QueueCopiesTest, OneADayAndTheLastThreeAreKept) {
  const auto store = Open();
  for (std::size_t day = 0; day < 5; ++day) {
    EXPECT_TRUE(CopyQueueOnceADay(store.get(), *folder_, clock_.Now()));
    EXPECT_TRUE(CopyQueueOnceADay(store.get(), *folder_, clock_.Now())) << "and no second one";
    EXPECT_EQ(QueueCopies(*folder_).size(), std::min<std::size_t>(day + 1, 3));
    clock_.Advance(hours(24));
  }
  const auto copies = QueueCopies(*folder_);
  ASSERT_EQ(copies.size(), 3U);
  EXPECT_GT(copies[0], copies[1]) << "the newest first";
  EXPECT_EQ(std::filesystem::status(copies[0]).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(QueueCopiesTest, ACopyTakesTheDatabasesPlaceWhichIsKept) {
  auto store = Open();
  SubmitTo(store.get(), "before");
  ASSERT_TRUE(CopyQueueOnceADay(store.get(), *folder_, clock_.Now()));
  SubmitTo(store.get(), "after");
  const auto identity = identity_;
  store.reset();
  const auto replaced =
      RestoreQueueCopy(QueueCopies(*folder_).front(), folder_->database(), *folder_, clock_.Now());
  ASSERT_TRUE(replaced) << replaced.error().message();
  EXPECT_TRUE(IsThere(*replaced / "gpen.db"));
  store = Open();
  EXPECT_EQ(identity_, identity) << "it belongs to the same files";
  const auto listed = store->List({});
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().name, "before");
}

TEST_F(QueueCopiesTest, WithoutTheCopyNothingChanges) {
  Open();
  EXPECT_EQ(RestoreQueueCopy(folder_->backups() / "gpen-2020-01-01.db", folder_->database(),
                             *folder_, clock_.Now())
                .error()
                .code(),
            ErrorCode::kNotFound);
  EXPECT_TRUE(IsThere(folder_->database()));
}

}  // namespace
}  // namespace gpen::photos
