#include "jobs/job_error.h"

#include <gtest/gtest.h>

namespace gpen::jobs {
namespace {

TEST(ErrorOf, HasTheJobsCode) {
  Job job;
  job.state = JobState::kFailed;
  job.error_code = "corrupt_image";
  job.error_message = "cut short";
  EXPECT_EQ(ErrorOf(job).code(), ErrorCode::kCorruptImage);
  EXPECT_EQ(ErrorOf(job).message(), "cut short");
  job.error_code = "of another version";
  EXPECT_EQ(ErrorOf(job).code(), ErrorCode::kInternal);
  job.state = JobState::kCancelled;
  EXPECT_EQ(ErrorOf(job).code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace gpen::jobs
