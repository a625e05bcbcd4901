#include "photos/queue_match.h"

#include "photos/photos_testing.h"

namespace gpen::photos {
namespace {

class QueueMatchTest : public PhotoFixture {
 protected:
  // Nothing where they match.
  std::optional<ErrorCode> Check(const std::string& identity, bool is_empty) {
    const auto checked = CheckQueueMatches(*folder_, {"gpen.db", identity, is_empty});
    if (checked) return std::nullopt;
    message_ = checked.error().message();
    return checked.error().code();
  }
  void AddPhoto() { Write(folder_->Upload("0123"), "photo"); }

  std::string message_;
};

TEST_F(QueueMatchTest, ANewFolderTakesAnyQueue) {
  EXPECT_EQ(Check("one", true), std::nullopt);
  EXPECT_EQ(Check("another", true), std::nullopt) << "there is nothing to lose";
  AddPhoto();
  EXPECT_EQ(Check("another", false), std::nullopt);
  EXPECT_EQ(Check("another", true), std::nullopt) << "all of its jobs were deleted";
}

TEST_F(QueueMatchTest, ANewQueueIsRefusedWhereThereArePhotos) {
  EXPECT_EQ(Check("one", true), std::nullopt);
  AddPhoto();
  EXPECT_EQ(Check("new", true), ErrorCode::kConflict);
  EXPECT_NE(message_.find("holds 1 files of photos"), std::string::npos) << message_;
  EXPECT_NE(message_.find("gpen.db is new"), std::string::npos) << message_;
  EXPECT_NE(message_.find("gpen data repair"), std::string::npos) << message_;
  EXPECT_EQ(Check("one", false), std::nullopt) << "nothing was changed";
}

TEST_F(QueueMatchTest, AResultIsAPhotoToo) {
  EXPECT_EQ(Check("one", true), std::nullopt);
  Write(folder_->Output("abc.jpg"), "result");
  EXPECT_EQ(Check("new", true), ErrorCode::kConflict);
}

TEST_F(QueueMatchTest, TheQueueOfAnotherFolderIsRefused) {
  EXPECT_EQ(Check("one", true), std::nullopt);
  AddPhoto();
  EXPECT_EQ(Check("of another", false), ErrorCode::kConflict);
  EXPECT_NE(message_.find("belongs to another data folder"), std::string::npos) << message_;
  ASSERT_TRUE(AdoptQueue(*folder_, {"gpen.db", "of another", false}));
  EXPECT_EQ(Check("of another", false), std::nullopt);
}

TEST_F(QueueMatchTest, AFolderOfAnEarlierVersionBelongsToTheQueueThatHasJobs) {
  AddPhoto();
  EXPECT_EQ(Check("new", true), ErrorCode::kConflict);
  EXPECT_EQ(Check("one", false), std::nullopt);
  EXPECT_EQ(Check("another", false), ErrorCode::kConflict);
}

}  // namespace
}  // namespace gpen::photos
