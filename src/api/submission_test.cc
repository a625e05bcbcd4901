#include "api/submission.h"

#include "api/api_testing.h"

namespace gpen::api {
namespace {

class SubmissionTest : public ApiFixture {
 protected:
  Upload Received(int photos) {
    Upload upload;
    for (int i = 0; i < photos; ++i) {
      const auto file = "file-" + std::to_string(i);
      EXPECT_TRUE(WriteFileAtomically(folder_.Upload(file), AsBytes("photo")));
      upload.photos.push_back({file, "name-" + std::to_string(i), "sha-" + std::to_string(i), 5});
    }
    return upload;
  }
};

TEST_F(SubmissionTest, MakesAJobOfEachPhoto) {
  const auto upload = Received(2);
  const auto submitted =
      SubmitPhotos(context_, upload, jobs::JobPriority::kBatch, "summer").value();
  ASSERT_EQ(submitted.size(), 2U);
  const auto& job = submitted[1].job;
  EXPECT_EQ(job.name, "name-1");
  EXPECT_EQ(job.priority, jobs::JobPriority::kBatch);
  EXPECT_EQ(job.input_bytes, 5);
  EXPECT_EQ(std::get<photos::UploadedPhoto>(photos::ParseTask(job.payload).value().source).file,
            "file-1");
  EXPECT_NE(submitted[0].job.key, job.key);
  EXPECT_EQ(store_->FindBatch(job.batch).value().name, "summer");
  EXPECT_EQ(UploadsKept(), 2U);
}

TEST_F(SubmissionTest, JoinsABatchThatThereIs) {
  auto upload = Received(1);
  upload.batch_id = store_->CreateBatch("winter").value().id;
  const auto submitted =
      SubmitPhotos(context_, upload, jobs::JobPriority::kBatch, std::nullopt).value();
  EXPECT_EQ(submitted.front().job.batch, upload.batch_id);
}

TEST_F(SubmissionTest, KeepsNoFileOfWhatTheQueueRefuses) {
  auto upload = Received(2);
  upload.batch_id = 999;
  const auto submitted = SubmitPhotos(context_, upload, jobs::JobPriority::kBatch, std::nullopt);
  ASSERT_FALSE(submitted);
  EXPECT_EQ(submitted.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(UploadsKept(), 0U);
}

TEST_F(SubmissionTest, TheSamePhotoOfAnotherModelIsAnotherComputation) {
  const auto upload = Received(1);
  const auto key = [&] {
    return SubmitPhotos(context_, upload, jobs::JobPriority::kInteractive, std::nullopt)
        .value()
        .front()
        .job.key;
  };
  const auto first = key();
  EXPECT_EQ(key(), first);
  const photos::PhotoModels another({"another"});
  context_.models = &another;
  EXPECT_NE(key(), first);
}

}  // namespace
}  // namespace gpen::api
