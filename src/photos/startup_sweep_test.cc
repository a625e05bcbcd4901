#include "photos/startup_sweep.h"

#include "photos/photo_key.h"
#include "photos/photos_testing.h"

namespace gpen::photos {
namespace {

using StartupSweepTest = PhotoFixture;

TEST_F(StartupSweepTest, SetsAsideWhatBelongsToNoJobOrToNoDoneOne) {
  const std::string done_key(64, 'a');
  const std::string undone_key(64, 'b');
  Submit({UploadedPhoto{"of-done"}, {}}, done_key);
  const auto done = Complete(Stored(done_key.substr(0, 32)));
  const auto undone = Submit({UploadedPhoto{"of-undone"}, {}}, undone_key);
  const auto kept = Stored(ResultBase(done));
  const auto lost = Stored(ResultBase(undone));
  for (const auto* upload : {"of-done", "of-undone", "of-nobody"}) {
    Write(folder_->Upload(upload), "photo");
  }
  WriteFiles(kept);
  WriteFiles(lost);
  Write(folder_->Faces(FacesName(done)), "faces");
  Write(folder_->Faces(FacesName(undone)), "faces");

  const auto report = SweepLeftovers(store_.get(), *folder_);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->uploads, 1);
  EXPECT_EQ(report->results, 4) << "a result, two thumbnails and faces";
  EXPECT_TRUE(IsThere(folder_->Upload("of-done")));
  EXPECT_TRUE(IsThere(folder_->Upload("of-undone")));
  EXPECT_FALSE(IsThere(folder_->Upload("of-nobody")));
  EXPECT_TRUE(IsThere(folder_->Output(std::get<StoredResult>(kept.place).file)));
  EXPECT_TRUE(IsThere(folder_->Thumbnail(kept.before)));
  EXPECT_TRUE(IsThere(folder_->Faces(FacesName(done))));
  EXPECT_FALSE(IsThere(folder_->Output(std::get<StoredResult>(lost.place).file)));
  EXPECT_FALSE(IsThere(folder_->Thumbnail(lost.after)));
  EXPECT_FALSE(IsThere(folder_->Faces(FacesName(undone))));
  EXPECT_TRUE(IsThere(folder_->lost() / "uploads/of-nobody"));
  EXPECT_TRUE(IsThere(folder_->lost() / "outputs" / std::get<StoredResult>(lost.place).file));
  EXPECT_TRUE(IsThere(folder_->lost() / "faces" / FacesName(undone)));
}

TEST_F(StartupSweepTest, WhatIsSetAsideReplacesNothing) {
  for (const auto* text : {"first", "second"}) {
    Write(folder_->Upload("same.jpg"), text);
    ASSERT_EQ(SweepLeftovers(store_.get(), *folder_)->uploads, 1);
  }
  EXPECT_EQ(std::filesystem::file_size(folder_->lost() / "uploads/same.jpg"), 5U);
  EXPECT_EQ(std::filesystem::file_size(folder_->lost() / "uploads/same-2.jpg"), 6U);
}

TEST_F(StartupSweepTest, UploadsOfNoJobAreHandedInAgain) {
  Submit({UploadedPhoto{"known"}, {}});
  Write(folder_->Upload("known"), "photo");
  Write(folder_->Upload("0123456789abcdef"), "\xFF\xD8\xFF\xE0 a photo");
  ASSERT_EQ(*ResubmitLostUploads(store_.get(), *folder_, {"model"}), 1);
  const auto jobs = *store_->List({});
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs.front().name, "photo-01234567.jpg");
  EXPECT_EQ(std::get<UploadedPhoto>(Of(jobs.front()).task.source).file, "0123456789abcdef");
  EXPECT_EQ(*ResubmitLostUploads(store_.get(), *folder_, {"model"}), 0) << "each once";
}

TEST_F(StartupSweepTest, ResultsStayWhereTheQueueWasLost) {
  Write(folder_->Output("abc.jpg"), "a finished photo");
  Write(folder_->Upload(".hidden"), "not ours");
  const auto report = SweepLeftovers(store_.get(), *folder_);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->results, 0);
  EXPECT_TRUE(IsThere(folder_->Output("abc.jpg")));
  EXPECT_TRUE(IsThere(folder_->Upload(".hidden")));
}

TEST_F(StartupSweepTest, AnAdjustedResultOfADoneJobStays) {
  Submit({UploadedPhoto{"photo"}, {}});
  const auto job = Complete(Stored(std::string(32, 'a')));
  const auto adjusted = ResultBase(job) + ".1-0123456789ab.jpg";
  Write(folder_->Output(adjusted), "adjusted");
  ASSERT_TRUE(SweepLeftovers(store_.get(), *folder_));
  EXPECT_TRUE(IsThere(folder_->Output(adjusted)));
}

}  // namespace
}  // namespace gpen::photos
