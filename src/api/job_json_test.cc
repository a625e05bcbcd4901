#include "api/job_json.h"

#include <gtest/gtest.h>

#include "api/schema_testing.h"
#include "photos/photo_texts.h"

namespace gpen::api {
namespace {

constexpr Timestamp kNoon{std::chrono::milliseconds(1'796'040'000'123)};

jobs::Job QueuedJob() {
  jobs::Job job;
  job.id = 7;
  job.name = "a.jpg";
  job.payload = photos::FormatTask({photos::UploadedPhoto{"upload"}, {}});
  job.created = kNoon;
  return job;
}

jobs::Job DoneJob(const std::string& report) {
  auto job = QueuedJob();
  job.state = jobs::JobState::kDone;
  photos::PhotoResult result;
  result.place = photos::StoredResult{"key.jpg"};
  result.seconds = 1.5;
  result.report = report;
  job.result = photos::FormatResult(result);
  return job;
}

std::string Faults(const Json& value, const std::string& schema) {
  return SchemaFaults(value, ReferenceTo(schema), schema);
}

TEST(SchemaFaults, FindsThem) {
  EXPECT_EQ(Faults({{"status", "success"}}, "Success"), "");
  EXPECT_NE(Faults({{"status", "fine"}}, "Success"), "");
  EXPECT_NE(Faults({{"status", "success"}, {"more", 1}}, "Success"), "");
  EXPECT_NE(Faults(Json::object(), "Success"), "");
  auto job = JobToJson(QueuedJob());
  job["options"]["strength"] = "80";
  EXPECT_NE(Faults(job, "Job"), "");
}

TEST(JobToJson, FitsItsDescriptionInEveryState) {
  for (int i = 0; i < jobs::kJobStateCount; ++i) {
    auto job = QueuedJob();
    job.state = static_cast<jobs::JobState>(i);
    job.error_code = "corrupt_image";
    if (job.state == jobs::JobState::kDone) job = DoneJob("");
    EXPECT_EQ(Faults(JobToJson(job), "Job"), "") << jobs::NameOf(job.state);
  }
}

TEST(JobToJson, SaysWhatIsKnown) {
  auto job = QueuedJob();
  job.batch = 3;
  job.error_code = "unavailable";
  job.error_message = "later";
  const auto json = JobToJson(job);
  EXPECT_EQ(json["batch"], 3);
  EXPECT_EQ(json["created"], "2026-11-30T12:00:00.123Z");
  EXPECT_EQ(json["started"], nullptr);
  EXPECT_EQ(json["result"], nullptr);
  EXPECT_EQ(json["error"], Json({{"code", "unavailable"}, {"message", "later"}}));
  EXPECT_EQ(json["options"]["mode"], "natural");
  EXPECT_EQ(JobToJson(QueuedJob())["batch"], nullptr);
}

TEST(JobToJson, SaysUntilWhenItIsKept) {
  const JobView view = {.keep_days = 30, .bin_days = 7};
  EXPECT_EQ(JobToJson(QueuedJob(), view)["kept_until"], nullptr);
  auto job = DoneJob("{}");
  job.finished = Timestamp(std::chrono::sys_days{std::chrono::year{2026} / 11 / 1});
  EXPECT_EQ(JobToJson(job, view)["kept_until"], "2026-12-01T00:00:00.000Z");
  EXPECT_EQ(JobToJson(job)["kept_until"], nullptr) << "kept for ever";
  job.pinned = true;
  EXPECT_EQ(JobToJson(job, view)["pinned"], true);
  EXPECT_EQ(JobToJson(job, view)["kept_until"], nullptr);
  job.binned = Timestamp(std::chrono::sys_days{std::chrono::year{2026} / 11 / 2});
  const auto json = JobToJson(job, view);
  EXPECT_EQ(json["binned"], "2026-11-02T00:00:00.000Z");
  EXPECT_EQ(json["kept_until"], "2026-11-09T00:00:00.000Z") << "also of a pinned one";
  EXPECT_EQ(json["result"]["after"], "/api/v1/bin/" + std::to_string(job.id) + "/after");
}

TEST(JobToJson, CountsTheFacesOfTheReport) {
  const auto json = JobToJson(DoneJob(
      R"({"whole":false,"faces":[{"skipped":true},{"skipped":false,"weight":0.5},{"weight":1.0}]})"));
  const auto& result = json["result"];
  EXPECT_EQ(result["faces"], 3);
  EXPECT_EQ(result["restored"], 2);
  EXPECT_EQ(result["doubtful"], 1);
  EXPECT_EQ(result["whole"], false);
  EXPECT_EQ(result["output_path"], "/outputs/key.jpg");
  EXPECT_EQ(result["report"], "/api/v1/jobs/7/report");
  EXPECT_EQ(result["mask"], nullptr) << "nothing was repaired";
}

TEST(JobToJson, LivesWithWhatCannotBeRead) {
  auto job = DoneJob("no JSON");
  EXPECT_EQ(JobToJson(job)["result"]["faces"], 0);
  job.payload = job.result = "no JSON";
  const auto json = JobToJson(job);
  EXPECT_EQ(json["options"], nullptr);
  EXPECT_EQ(json["result"], nullptr);
  EXPECT_EQ(Faults(json, "Job"), "");
}

TEST(JobToJson, NamesThatAreNotUtf8BecomeText) {
  auto job = QueuedJob();
  job.name = "\xE4.jpg";
  EXPECT_NE(Dump(JobToJson(job)).find("\"name\":\"\xEF\xBF\xBD.jpg\""), std::string::npos);
}

TEST(BatchToJson, FitsItsDescription) {
  jobs::Batch batch;
  batch.id = 4;
  batch.name = "summer";
  batch.created = kNoon;
  batch.counts[jobs::JobState::kDone] = 2;
  EXPECT_EQ(Dump(BatchToJson(batch, nullptr)),
            R"({"id":4,"name":"summer","created":"2026-11-30T12:00:00.123Z",)"
            R"("added_by":null,"total":2,)"
            R"("finished":true,"counts":{"queued":0,"running":0,"done":2,"failed":0,)"
            R"("cancelled":0},"zip":"/api/v1/batches/4/zip"})");
  EXPECT_EQ(Faults(BatchToJson(batch, nullptr), "Batch"), "");
}

TEST(EventToJson, FitsItsDescriptionForEveryKind) {
  for (int i = 0; i < jobs::kJobEventKindCount; ++i) {
    jobs::JobEvent event;
    event.sequence = i + 1;
    event.time = kNoon;
    event.kind = static_cast<jobs::JobEventKind>(i);
    event.job = i % 2;  // The whole queue, or a job.
    const auto json = EventToJson(event);
    EXPECT_EQ(Faults(json, "QueueEvent"), "");
    EXPECT_EQ(json["state"].is_null(), event.job == 0);
  }
}

TEST(NextBefore, IsTheLastIdOfAFullPage) {
  std::vector<jobs::Job> page(2);
  page.back().id = 5;
  EXPECT_EQ(NextBefore(page, 2), 5);
  EXPECT_EQ(NextBefore(page, 3), nullptr);
  EXPECT_EQ(NextBefore(std::vector<jobs::Job>(), 1), nullptr);
}

}  // namespace
}  // namespace gpen::api
