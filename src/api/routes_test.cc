// The routes by the real router, over a queue in memory: who answers what, and as the document
// says. What needs restored photos is in tests/http/contract_test.py.
#include "api/routes.h"

#include "api/api_testing.h"
#include "api/schema_testing.h"

namespace gpen::api {
namespace {

using http::Method;

class RoutesTest : public ApiFixture {
 protected:
  static std::string Faults(const http::Response& response, const std::string& schema) {
    return SchemaFaults(JsonOf(response), ReferenceTo(schema), schema);
  }

  void ExpectError(const http::Response& response, int status, std::string_view code) {
    EXPECT_EQ(response.status, status) << TextOf(response);
    EXPECT_EQ(Faults(response, "Error"), "");
    EXPECT_EQ(JsonOf(response)["code"], code);
  }

  static photos::PhotoResult ResultNamed(const std::string& output) {
    photos::PhotoResult result;
    result.place = photos::StoredResult{output};
    result.before = "b.jpg";
    result.after = "a.jpg";
    return result;
  }

  std::string PathOf(const jobs::Job& job, std::string_view part = "") {
    return "/api/v1/jobs/" + std::to_string(job.id) + std::string(part);
  }
};

TEST_F(RoutesTest, ShowsAJob) {
  const auto job = AddJob("a.jpg", "key");
  const auto response = Get(PathOf(job));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("Cache-Control"), "no-store");
  EXPECT_EQ(response.Header("Content-Type"), "application/json");
  EXPECT_EQ(Faults(response, "Job"), "");
  EXPECT_EQ(JsonOf(response)["name"], "a.jpg");
}

TEST_F(RoutesTest, EveryJobRouteKnowsNoOtherJob) {
  for (const auto* id : {"99", "0", "a"}) {
    const auto path = "/api/v1/jobs/" + std::string(id);
    for (const auto* part :
         {"", "/result", "/before", "/after", "/report", "/blend", "/view/before", "/view/after"}) {
      ExpectError(Get(path + part), 404, "not_found");
    }
    ExpectError(Ask(Method::kDelete, path), 404, "not_found");
    for (const auto* part : {"/cancel", "/retry", "/blend", "/blend/folder"}) {
      ExpectError(Ask(Method::kPost, path + part), 404, "not_found");
    }
  }
}

TEST_F(RoutesTest, WhatIsNotDoneHasNoResult) {
  const auto job = AddJob("a.jpg", "key");
  for (const auto* part : {"/result", "/before", "/after", "/report", "/view/after", "/blend"}) {
    const auto response = Get(PathOf(job, part));
    ExpectError(response, 409, "conflict");
    EXPECT_EQ(JsonOf(response)["message"],
              "job " + std::to_string(job.id) + " has no result: it is queued")
        << part;
  }
}

TEST_F(RoutesTest, ListsPageByPage) {
  for (const auto* key : {"1", "2", "3"}) AddJob(std::string(key) + ".jpg", key);
  const auto first = Get("/api/v1/jobs?limit=2");
  EXPECT_EQ(Faults(first, "JobPage"), "");
  EXPECT_EQ(JsonOf(first)["jobs"].size(), 2U);
  const auto before = JsonOf(first)["next_before"].get<std::int64_t>();
  const auto rest = JsonOf(Get("/api/v1/jobs?limit=2&before=" + std::to_string(before)));
  EXPECT_EQ(rest["jobs"].size(), 1U);
  EXPECT_EQ(rest["jobs"][0]["name"], "1.jpg");
  EXPECT_EQ(rest["next_before"], nullptr);
  EXPECT_EQ(TextOf(Get("/api/v1/jobs?text=nobody")), R"({"jobs":[],"next_before":null})");
  ExpectError(Get("/api/v1/jobs?colour=red"), 400, "invalid_argument");
}

TEST_F(RoutesTest, CancelsRetriesAndDeletes) {
  const auto job = AddJob("a.jpg", "key");
  EXPECT_EQ(JsonOf(Ask(Method::kPost, PathOf(job, "/cancel")))["state"], "cancelled");
  ExpectError(Ask(Method::kPost, PathOf(job, "/cancel")), 409, "conflict");
  EXPECT_EQ(JsonOf(Ask(Method::kPost, PathOf(job, "/retry")))["state"], "queued");
  EXPECT_EQ(TextOf(Ask(Method::kDelete, PathOf(job))), R"({"status":"success"})");
  ExpectError(Get(PathOf(job)), 404, "not_found");
}

TEST_F(RoutesTest, DeletesIntoTheBinAndPutsBack) {
  context_.bin_days = 7;
  const auto job = AddJob("a.jpg", "key");
  const auto thumbnail = folder_.Thumbnail("key.after.jpg");
  ASSERT_TRUE(WriteFileAtomically(thumbnail, AsBytes("after")));
  auto result = ResultNamed("key.jpg");
  result.after = "key.after.jpg";
  CompleteNext(result);
  EXPECT_EQ(TextOf(Ask(Method::kDelete, PathOf(job))), R"({"status":"success"})");
  for (const auto* part : {"", "/result", "/after", "/report"}) {
    ExpectError(Get(PathOf(job, part)), 404, "not_found");
  }
  const auto bin = Get("/api/v1/bin");
  EXPECT_EQ(Faults(bin, "JobPage"), "");
  ASSERT_EQ(JsonOf(bin)["jobs"].size(), 1U);
  EXPECT_EQ(Get(JsonOf(bin)["jobs"][0]["result"]["after"].get<std::string>()).status, 200);
  ExpectError(Get("/api/v1/bin?colour=red"), 400, "invalid_argument");

  const auto back = Ask(Method::kPost, PathOf(job, "/put_back"));
  EXPECT_EQ(Faults(back, "Job"), "");
  EXPECT_EQ(JsonOf(back)["binned"], nullptr);
  EXPECT_EQ(Get(PathOf(job, "/after")).status, 200);
  ExpectError(Ask(Method::kPost, PathOf(job, "/put_back")), 404, "not_found");
  ExpectError(Get("/api/v1/bin/1/after"), 404, "not_found");
}

TEST_F(RoutesTest, DeletesForGoodOnRequestAndWhereThereIsNoBin) {
  context_.bin_days = 7;
  const auto job = AddJob("a.jpg", "key");
  ExpectError(Ask(Method::kDelete, PathOf(job, "?for_good=yes")), 400, "invalid_argument");
  EXPECT_EQ(Ask(Method::kDelete, PathOf(job, "?for_good=1")).status, 200);
  EXPECT_EQ(TextOf(Get("/api/v1/bin")), R"({"jobs":[],"next_before":null})");
  const auto binned = AddJob("b.jpg", "other");
  EXPECT_EQ(Ask(Method::kDelete, PathOf(binned)).status, 200);
  EXPECT_EQ(Ask(Method::kDelete, PathOf(binned, "?for_good=1")).status, 200);
  ExpectError(Ask(Method::kPost, PathOf(binned, "/put_back")), 404, "not_found");
  context_.bin_days = 0;
  const auto third = AddJob("c.jpg", "third");
  EXPECT_EQ(Ask(Method::kDelete, PathOf(third)).status, 200);
  ExpectError(Ask(Method::kPost, PathOf(third, "/put_back")), 404, "not_found");
}

TEST_F(RoutesTest, ABatchGoesIntoTheBinAndTheBinIsEmptied) {
  context_.bin_days = 7;
  const auto batch = JsonOf(Ask(Method::kPost, "/api/v1/batches", R"({"name":"holiday"})"));
  const auto path = "/api/v1/batches/" + batch["id"].dump();
  jobs::NewJob job;
  job.key = "key";
  job.batch = batch["id"];
  ASSERT_TRUE(store_->Submit(job));
  EXPECT_EQ(Ask(Method::kDelete, path).status, 200);
  ExpectError(Get(path), 404, "not_found");
  EXPECT_EQ(JsonOf(Get("/api/v1/bin"))["jobs"].size(), 1U);
  const auto back = Ask(Method::kPost, path + "/put_back");
  EXPECT_EQ(Faults(back, "Batch"), "");
  EXPECT_EQ(JsonOf(back)["total"], 1);
  EXPECT_EQ(Ask(Method::kDelete, path).status, 200);
  EXPECT_EQ(TextOf(Ask(Method::kDelete, "/api/v1/bin")), R"({"status":"success"})");
  EXPECT_TRUE(JsonOf(Get("/api/v1/bin"))["jobs"].empty());
  ExpectError(Ask(Method::kPost, path + "/put_back"), 404, "not_found");
}

TEST_F(RoutesTest, PinsAndUnpins) {
  const auto job = AddJob("a.jpg", "key");
  const auto pinned = Ask(Method::kPost, PathOf(job, "/pin"));
  EXPECT_EQ(Faults(pinned, "Job"), "");
  EXPECT_EQ(JsonOf(pinned)["pinned"], true);
  EXPECT_EQ(JsonOf(Get(PathOf(job)))["pinned"], true);
  EXPECT_EQ(JsonOf(Ask(Method::kDelete, PathOf(job, "/pin")))["pinned"], false);
  ExpectError(Ask(Method::kPost, "/api/v1/jobs/99/pin"), 404, "not_found");
}

TEST_F(RoutesTest, SendsResultsByAnyName) {
  const auto job = AddJob("holiday.heic", "key");
  ASSERT_TRUE(WriteFileAtomically(folder_.Output("key.JPG"), AsBytes("the result")));
  CompleteNext(ResultNamed("key.JPG"));
  const auto shown = Get(PathOf(job, "/result"));
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.Header("Content-Type"), "image/jpeg");
  EXPECT_EQ(std::get<http::FileSlice>(shown.body).length(), 10);
  EXPECT_EQ(shown.Header("Content-Disposition"), "");
  const auto saved = Get(PathOf(job, "/result?download=1"));
  EXPECT_NE(saved.Header("Content-Disposition").find("\"holiday.restored.JPG\""),
            std::string_view::npos);
  ExpectError(Get(PathOf(job, "/before")), 404, "not_found");  // The file has gone.
  ExpectError(Get(PathOf(job, "/report")), 404, "not_found");
}

TEST_F(RoutesTest, LeavesFilesToNginxWhereItIsInFront) {
  context_.behind_nginx = true;
  const auto job = AddJob("a.jpg", "key");
  CompleteNext(ResultNamed("key.jpg"));
  const auto response = Get(PathOf(job, "/result?download=1"));
  EXPECT_EQ(response.Header("X-Accel-Redirect"), "/internal-outputs/key.jpg");
  EXPECT_NE(response.Header("Content-Disposition").find("a.restored.jpg"), std::string_view::npos);
  EXPECT_EQ(TextOf(response), "");
  ExpectError(Get("/outputs/.hidden"), 404, "not_found");
}

TEST_F(RoutesTest, ReportsAreSentAsTheyAreKept) {
  const auto job = AddJob("a.jpg", "key");
  auto result = ResultNamed("key.jpg");
  result.report = R"({ "faces": [] })";
  CompleteNext(result);
  EXPECT_EQ(TextOf(Get(PathOf(job, "/report"))), result.report);
}

TEST_F(RoutesTest, TakesPhotosIntoTheQueue) {
  const auto one = Ask(Method::kPost, "/api/v1/jobs?name=a.png", TestPhoto());
  EXPECT_EQ(one.status, 201);
  EXPECT_EQ(Faults(one, "Submitted"), "");
  EXPECT_EQ(JsonOf(one)["jobs"][0]["priority"], "interactive");
  EXPECT_EQ(JsonOf(one)["batch"], nullptr);
  const std::string part =
      "--X\r\nContent-Disposition: form-data; name=image; filename=b.png\r\n\r\n";
  const auto many = Ask(Method::kPost, "/api/v1/jobs",
                        part + TestPhoto("1") + "\r\n" + part + TestPhoto("2") + "\r\n--X--\r\n",
                        {{"content-type", "Multipart/Form-Data; Boundary=X"}});
  EXPECT_EQ(many.status, 201);
  EXPECT_EQ(Faults(many, "Submitted"), "");
  EXPECT_EQ(JsonOf(many)["batch"]["name"], "b.png and 1 more");
  EXPECT_EQ(JsonOf(many)["jobs"][1]["priority"], "batch");
  ExpectError(Ask(Method::kPost, "/api/v1/jobs", "no photo"), 415, "unsupported_format");
}

TEST_F(RoutesTest, EnhanceWaitsForItsJob) {
  AnswerCatcher answer;
  Send(Method::kPost, "/enhance?name=a.png", TestPhoto(), {}, answer);
  EXPECT_FALSE(answer.has_come());
  auto result = ResultNamed("key.png");
  result.seconds = 1.239;
  waiters_.Answer(CompleteNext(result));
  const auto response = answer.Take();
  EXPECT_EQ(TextOf(response),
            R"({"status":"success","output_path":"/outputs/key.png","inference_time":"1.24s"})");
  EXPECT_EQ(response.Header("X-Cache"), "miss");
  // The same photo is done at once, and nobody needs to say so.
  const auto again = Ask(Method::kPost, "/enhance?name=a.png", TestPhoto());
  EXPECT_EQ(again.Header("X-Cache"), "hit");
  EXPECT_EQ(again.Header("X-Job-Id"), "2");
}

TEST_F(RoutesTest, BatchesAreMadeShownAndDeleted) {
  const auto made = Ask(Method::kPost, "/api/v1/batches", R"({"name":"summer/2026"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(Faults(made, "Batch"), "");
  EXPECT_EQ(JsonOf(made)["name"], "2026");
  const auto path = "/api/v1/batches/" + Dump(JsonOf(made)["id"]);
  EXPECT_EQ(TextOf(Get(path)), TextOf(made));
  EXPECT_EQ(Faults(Get("/api/v1/batches"), "BatchPage"), "");
  ExpectError(Get(path + "/zip"), 409, "conflict");
  EXPECT_EQ(Ask(Method::kPost, path + "/cancel").status, 200);
  EXPECT_EQ(TextOf(Ask(Method::kDelete, path)), R"({"status":"success"})");
  ExpectError(Get(path), 404, "not_found");
  for (const auto* body : {"", "[]", "{}", R"({"name":1})"}) {
    ExpectError(Ask(Method::kPost, "/api/v1/batches", body), 400, "invalid_argument");
  }
}

TEST_F(RoutesTest, ZipsWhatAFilterLetsThrough) {
  AddJob("a.jpg", "key");
  CompleteNext(ResultNamed("key.jpg"));
  const auto response = Get("/api/v1/zip?text=a");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("Content-Type"), "application/zip");
  ExpectError(Get("/api/v1/zip?text=nobody"), 409, "conflict");
  ExpectError(Get("/api/v1/zip?state=done"), 400, "invalid_argument");
}

TEST_F(RoutesTest, EventsArePolled) {
  AddJob("a.jpg", "key");
  const auto page = Get("/api/v1/events?limit=1");
  EXPECT_EQ(Faults(page, "EventPage"), "");
  EXPECT_EQ(JsonOf(page)["events"][0]["kind"], "created");
  ExpectError(Get("/api/v1/events?after=-1"), 400, "invalid_argument");
  ExpectError(Get("/api/v1/events/stream?after=x"), 400, "invalid_argument");
}

TEST_F(RoutesTest, ThePageIsPackedForWhoTakesIt) {
  for (const auto& [accepted, encoding] :
       {std::pair{"gzip", "gzip"}, std::pair{"br, GZIP;Q=0.5", "gzip"}, std::pair{"*", "gzip"},
        std::pair{"gzip;q=0", ""}, std::pair{"gzip; Q=0.000, br", ""}, std::pair{"gzipped", ""},
        std::pair{"", ""}}) {
    const auto response = Ask(Method::kGet, "/", "", {{"accept-encoding", accepted}});
    EXPECT_EQ(response.Header("Content-Encoding"), encoding) << accepted;
  }
}

}  // namespace
}  // namespace gpen::api
