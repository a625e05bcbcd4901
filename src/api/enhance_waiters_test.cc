#include "api/enhance_waiters.h"

#include "api/api_testing.h"

namespace gpen::api {
namespace {

jobs::Job Finished(jobs::JobState state) {
  jobs::Job job;
  job.id = 3;
  job.state = state;
  return job;
}

TEST(EnhanceWaiters, AnswersAllWhoWaitForAJob) {
  EnhanceWaiters waiters(std::chrono::seconds(60));
  AnswerCatcher first;
  AnswerCatcher second;
  AnswerCatcher other;
  waiters.Add(3, first.responder());
  waiters.Add(3, second.responder());
  waiters.Add(4, other.responder());
  auto job = Finished(jobs::JobState::kFailed);
  job.error_code = "corrupt_image";
  job.error_message = "cut short";
  waiters.Answer(job);
  EXPECT_EQ(first.Take().status, 422);
  EXPECT_EQ(JsonOf(second.Take())["message"], "cut short");
  EXPECT_FALSE(other.has_come());
  EXPECT_FALSE(waiters.IsAwaited(3));
  EXPECT_TRUE(waiters.IsAwaited(4));
}

TEST(EnhanceWaiters, TellsTheOverdueWhereTheirJobIs) {
  EnhanceWaiters patient(std::chrono::seconds(60));
  EnhanceWaiters waiters(std::chrono::seconds(0));
  AnswerCatcher answer;
  AnswerCatcher waiting;
  waiters.Add(3, answer.responder());
  patient.Add(3, waiting.responder());
  waiters.AnswerOverdue();
  patient.AnswerOverdue();
  const auto response = answer.Take();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Header("Retry-After"), "10");
  EXPECT_NE(TextOf(response).find("/api/v1/jobs/3"), std::string::npos);
  EXPECT_FALSE(waiting.has_come());
}

TEST(EnhanceResponse, IsTheJobsErrorWhereThereIsNoResult) {
  EXPECT_EQ(EnhanceResponse(Finished(jobs::JobState::kCancelled)).error().code(),
            ErrorCode::kCancelled);
  EXPECT_EQ(EnhanceResponse(Finished(jobs::JobState::kDone)).error().code(), ErrorCode::kInternal);
}

}  // namespace
}  // namespace gpen::api
