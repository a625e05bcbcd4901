#include "photos/photo_job.h"

#include <gtest/gtest.h>

#include "photos/photo_texts.h"

namespace gpen::photos {
namespace {

jobs::Job JobIn(jobs::JobState state, const std::string& result) {
  jobs::Job job;
  job.id = 3;
  job.state = state;
  job.payload = FormatTask({UploadedPhoto{"photo"}, {}});
  job.result = result;
  return job;
}

const std::string kResult = FormatResult({StoredResult{"a.jpg"}, "", "", 0, ""});

TEST(PhotoJob, HasTheResultOfADoneJob) {
  const auto job = PhotoJob::Of(JobIn(jobs::JobState::kDone, kResult));
  ASSERT_TRUE(job);
  EXPECT_EQ(std::get<UploadedPhoto>(job->task.source).file, "photo");
  EXPECT_EQ(AddressOf(*job->FirstResult()), "/outputs/a.jpg");
}

TEST(PhotoJob, HasNoResultWhileItIsNotDone) {
  // Of an earlier run, before somebody retried.
  const auto job = PhotoJob::Of(JobIn(jobs::JobState::kQueued, kResult));
  ASSERT_TRUE(job);
  EXPECT_FALSE(job->result);
  const auto result = job->FirstResult();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(result.error().message(), "job 3 has no result: it is queued");
}

TEST(PhotoJob, WithADamagedResultIsStillAJob) {
  const auto job = PhotoJob::Of(JobIn(jobs::JobState::kDone, "{}"));
  ASSERT_TRUE(job);
  EXPECT_EQ(job->FirstResult().error().code(), ErrorCode::kInternal);
}

TEST(PhotoJob, OfAnotherProgramIsNone) {
  jobs::Job job;
  job.payload = R"({"video":"a.mp4"})";
  EXPECT_EQ(PhotoJob::Of(job).error().code(), ErrorCode::kInternal);
}

}  // namespace
}  // namespace gpen::photos
