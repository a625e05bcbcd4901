#include "photos/photo_files.h"

#include "photos/adjustment.h"
#include "photos/photo_key.h"
#include "photos/photos_testing.h"

namespace gpen::photos {
namespace {

using PhotoFilesTest = PhotoFixture;

TEST_F(PhotoFilesTest, DeletesAllThatBelongsToAnUpload) {
  Write(folder_->Upload("photo"), "photo");
  Submit({UploadedPhoto{"photo"}, {}});
  const auto job = Complete(Stored("aaa"));
  const auto result = *Of(job).result;
  WriteFiles(result);
  Write(folder_->Faces(FacesName(job)), "faces");
  Adjustment adjustment;
  adjustment.output = "aaa.1-x.png";
  adjustment.after = "aaa.1-x.after.jpg";
  Write(folder_->Output(adjustment.output), "adjusted");
  Write(folder_->Thumbnail(adjustment.after), "adjusted");
  ASSERT_TRUE(StoreAdjustment(*folder_, job.id, adjustment));
  EXPECT_EQ(files_->FindResult(job), jobs::FileState::kPresent);

  ASSERT_TRUE(store_->Delete(job.id));
  EXPECT_EQ(files_->FindResult(job), jobs::FileState::kMissing);
  for (const auto* folder : {"uploads", "outputs", "thumbnails", "faces"}) {
    EXPECT_TRUE(std::filesystem::is_empty(temporary_.path() / "data" / folder)) << folder;
  }
}

TEST_F(PhotoFilesTest, WhatLiesOutsideIsItsOwners) {
  const auto outside = temporary_.path() / "result.png";
  Write(outside, "theirs");
  Submit({ExternalPhoto{7, 1}, {}});
  PhotoResult result = Stored("aaa");
  result.place = ExternalResult{7, outside.native()};
  const auto job = Complete(result);
  WriteFiles(result);
  Write(folder_->Faces(FacesName(job)), "faces");
  EXPECT_EQ(files_->FindResult(job), jobs::FileState::kUnknown) << "neither missed nor answered";

  ASSERT_TRUE(files_->DeleteInput(job));
  ASSERT_TRUE(store_->Delete(job.id));
  EXPECT_TRUE(IsThere(outside));
  EXPECT_FALSE(IsThere(folder_->Thumbnail(result.before)));
  EXPECT_FALSE(IsThere(folder_->Faces(FacesName(job))));
}

TEST_F(PhotoFilesTest, ADroppedInputLeavesTheResults) {
  Write(folder_->Upload("photo"), "photo");
  Submit({UploadedPhoto{"photo"}, {}});
  const auto job = Complete(Stored("aaa"));
  WriteFiles(*Of(job).result);
  ASSERT_TRUE(files_->DeleteInput(job));
  EXPECT_FALSE(IsThere(folder_->Upload("photo")));
  EXPECT_EQ(files_->FindResult(job), jobs::FileState::kPresent);
  EXPECT_TRUE(files_->DeleteInput(job)) << "gone already";
}

TEST_F(PhotoFilesTest, AMissingFolderSaysNothingOfAFile) {
  Submit({UploadedPhoto{"photo"}, {}});
  const auto job = Complete(Stored("aaa"));
  EXPECT_EQ(files_->FindResult(job), jobs::FileState::kMissing);
  std::filesystem::remove(temporary_.path() / "data" / "outputs");
  EXPECT_EQ(files_->FindResult(job), jobs::FileState::kUnknown);
}

TEST_F(PhotoFilesTest, ADamagedResultIsMissingButAnotherProgramsJobIsLeftAlone) {
  jobs::Job job;
  job.id = 1;
  job.state = jobs::JobState::kDone;
  job.payload = FormatTask({UploadedPhoto{"photo"}, {}});
  job.result = "{}";
  EXPECT_EQ(files_->FindResult(job), jobs::FileState::kMissing);
  job.payload = "{}";
  EXPECT_EQ(files_->FindResult(job), jobs::FileState::kUnknown);
  EXPECT_TRUE(files_->DeleteInput(job));
}

}  // namespace
}  // namespace gpen::photos
