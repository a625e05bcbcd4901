// Who may use which route, by the real router: every route that there is.
#include "api/reach.h"

#include <algorithm>
#include <set>

#include "api/api_testing.h"

namespace gpen::api {
namespace {

using http::Method;

// Routes that everybody may use, because their handlers show a viewer no more than is theirs.
// Whoever adds one here has seen to that.
const std::set<std::string> kNarrowed = {
    "POST /enhance",        "POST /api/v1/jobs",         "GET /api/v1/jobs",
    "POST /api/v1/uploads", "POST /api/v1/batches",      "GET /api/v1/batches",
    "GET /api/v1/bin",      "DELETE /api/v1/bin",        "GET /api/v1/zip",
    "GET /api/v1/events",   "GET /api/v1/events/stream", "GET /api/v1/queue"};
const std::set<std::string> kSameForAll = {"GET /healthz",
                                           "GET /readyz",
                                           "GET /api/docs",
                                           "GET /api/v1/openapi.json",
                                           "GET /api/v1/models",
                                           "GET /api/v1/presets",
                                           "GET /api/v1/estimate",
                                           "GET /api/v1/settings",
                                           "GET /api/v1/session",
                                           "POST /api/v1/session",
                                           "DELETE /api/v1/session",
                                           "GET /api/v1/handouts/{task}/photo",
                                           "PUT /api/v1/handouts/{task}/parcel"};

class ReachTest : public ApiFixture {
 protected:
  people::Admission Add(const std::string& name, people::Role role, people::Sees sees) {
    return people_->Add({name, role, sees}).value();
  }

  static http::Fields As(const people::Admission& who) { return {{"x-api-key", who.token}}; }
  static http::Fields As(const people::Admission& who, std::string_view type) {
    return {{"x-api-key", who.token}, {"content-type", std::string(type)}};
  }

  Json Json201(const people::Admission& who, std::string_view target, std::string_view body,
               std::string_view type) {
    const auto response = Ask(Method::kPost, target, body, As(who, type));
    EXPECT_EQ(response.status, 201) << TextOf(response);
    return JsonOf(response);
  }
  Json Send(const people::Admission& who, std::string_view target, std::string_view mark) {
    return Json201(who, target, TestPhoto(mark), "image/png")["jobs"][0];
  }

  // `route` with what is Anna's in the place of its parameters.
  std::string PathOf(std::string route, const Json& job) {
    const auto put = [&](std::string_view name, const std::string& value) {
      if (const auto at = route.find(name); at != std::string::npos) {
        route.replace(at, name.size(), value);
      }
    };
    const bool is_batch = route.starts_with("/api/v1/batches/");
    const bool is_upload = route.starts_with("/api/v1/uploads/");
    put("{id}", is_upload ? upload_ : is_batch ? Dump(job["batch"]) : Dump(job["id"]));
    put("{file}", "0123456789abcdef0123456789abcdef.png");
    put("{side}", "after");
    return route;
  }

  people::Admission mia_ = Add("Mia", people::Role::kManager, people::Sees::kAll);
  people::Admission anna_ = Add("Anna", people::Role::kMember, people::Sees::kOwn);
  people::Admission ben_ = Add("Ben", people::Role::kMember, people::Sees::kOwn);
  people::Admission carl_ = Add("Carl", people::Role::kMember, people::Sees::kAll);
  std::string upload_;
  std::string unknown_ = "f00f";
};

TEST_F(ReachTest, WhatEverybodyReachesIsListed) {
  std::set<std::string> found;
  std::set<std::string> served;
  for (const auto& name : router_.RouteNames()) {
    served.insert(name);
    const auto space = name.find(' ');
    const auto method = http::MethodFromName(name.substr(0, space));
    const auto pattern = name.substr(space + 1);
    const bool is_page = !pattern.starts_with("/api/") && method == Method::kGet &&
                         pattern != "/healthz" && pattern != "/readyz";
    if (ReachOf(method, pattern) == Reach::kEverybody && !is_page) found.insert(name);
  }
  std::set<std::string> expected = kNarrowed;
  expected.insert(kSameForAll.begin(), kSameForAll.end());
  std::erase_if(expected, [&](const auto& name) { return !served.contains(name); });
  EXPECT_EQ(found, expected);
  EXPECT_EQ(ReachOf(Method::kGet, "/metrics"), Reach::kManagers);
  EXPECT_EQ(ReachOf(Method::kGet, "/api/v1/new"), Reach::kManagers) << "closed until it is said";
  EXPECT_EQ(ReachOf(Method::kPost, "/api/v1/jobs/{id}/new"), Reach::kJob);
  EXPECT_EQ(ReachOf(Method::kGet, "/api/v1/jobs/{id}s"), Reach::kManagers);
}

TEST_F(ReachTest, NobodyReachesWhatIsAnothersByAnyRoute) {
  const auto batch = Json201(anna_, "/api/v1/batches", R"({"name":"winter"})", "application/json");
  const auto job = Send(anna_, "/api/v1/jobs?batch_id=" + Dump(batch["id"]), "a");
  ASSERT_EQ(job["added_by"], "Anna");
  upload_ =
      Json201(anna_, "/api/v1/uploads", R"({"name":"b.jpg","bytes":100})", "application/json")["id"]
          .get<std::string>();
  int hidden = 0;
  for (const auto& name : router_.RouteNames()) {
    const auto space = name.find(' ');
    const auto method = http::MethodFromName(name.substr(0, space));
    const auto pattern = name.substr(space + 1);
    const auto reach = ReachOf(method, pattern);
    if (reach == Reach::kEverybody) continue;
    const auto path = PathOf(pattern, job);
    const auto body = method == Method::kGet ? "" : "{}";
    const auto response = Ask(method, path, body, As(ben_, "application/json"));
    if (reach == Reach::kManagers) {
      EXPECT_EQ(response.status, 403) << name;
      EXPECT_EQ(JsonOf(response)["code"], "managers_only") << name;
      continue;
    }
    ++hidden;
    EXPECT_EQ(response.status, 404) << name << TextOf(response);
    // As what is not there: but for the id the words are the same.
    auto unknown = job;
    unknown["id"] = unknown["batch"] = 987654;
    std::swap(upload_, unknown_);
    auto other = TextOf(Ask(method, PathOf(pattern, unknown), body, As(ben_, "application/json")));
    std::swap(upload_, unknown_);
    auto said = TextOf(response);
    for (auto* text : {&other, &said}) {
      std::erase_if(*text, [](char c) { return c >= '0' && c <= '9'; });
    }
    EXPECT_EQ(said, other) << name;
  }
  EXPECT_GT(hidden, 25);
  // Nothing of it was done.
  EXPECT_EQ(store_->Find(job["id"].get<jobs::JobId>())->state, jobs::JobState::kQueued);
  for (const auto& who : {anna_, carl_, mia_}) {
    EXPECT_EQ(Ask(Method::kGet, PathOf("/api/v1/jobs/{id}", job), "", As(who)).status, 200);
    EXPECT_EQ(Ask(Method::kGet, PathOf("/api/v1/batches/{id}", job), "", As(who)).status, 200);
    EXPECT_EQ(Ask(Method::kGet, PathOf("/api/v1/uploads/{id}", job), "", As(who)).status, 200);
  }
}

TEST_F(ReachTest, ListsShowAViewerNoMoreThanIsTheirs) {
  Json201(anna_, "/api/v1/batches", R"({"name":"winter"})", "application/json");
  const auto job = Send(anna_, "/api/v1/jobs", "a");
  Send(ben_, "/api/v1/jobs", "b");
  EXPECT_EQ(Ask(Method::kDelete, PathOf("/api/v1/jobs/{id}", Send(anna_, "/api/v1/jobs", "bin")),
                "", As(anna_))
                .status,
            200);
  const auto ids = [&](const people::Admission& who, std::string_view target,
                       const std::string& member) {
    return JsonOf(Ask(Method::kGet, target, "", As(who)))[member].size();
  };
  for (const auto* list :
       {"/api/v1/jobs", "/api/v1/jobs?text=photo", "/api/v1/jobs?state=queued"}) {
    EXPECT_EQ(ids(ben_, list, "jobs"), 1U) << list;
    EXPECT_EQ(ids(carl_, list, "jobs"), 2U) << list;
  }
  EXPECT_EQ(ids(ben_, "/api/v1/batches", "batches"), 0U);
  EXPECT_EQ(ids(carl_, "/api/v1/batches", "batches"), 1U);
  EXPECT_EQ(ids(ben_, "/api/v1/events", "events"), 1U);
  EXPECT_GT(ids(carl_, "/api/v1/events", "events"), 2U);
  EXPECT_EQ(ids(ben_, "/api/v1/events?job=" + Dump(job["id"]), "events"), 0U);
  const auto zip = "/api/v1/zip?id=" + Dump(job["id"]);
  EXPECT_EQ(Ask(Method::kGet, zip, "", As(ben_)).status, 404);
  EXPECT_EQ(Ask(Method::kGet, zip, "", As(anna_)).status, 409) << "it has no result yet";
}

TEST_F(ReachTest, ANewPhotoJoinsOnesOwnBatchAlone) {
  const auto batch = Json201(anna_, "/api/v1/batches", R"({"name":"winter"})", "application/json");
  const auto id = Dump(batch["id"]);
  const auto announced = R"({"name":"b.jpg","bytes":100,"batch_id":)" + id + "}";
  for (const auto& who : {ben_, carl_, mia_}) {
    EXPECT_EQ(
        Ask(Method::kPost, "/api/v1/jobs?batch_id=" + id, TestPhoto(), As(who, "image/png")).status,
        404);
    EXPECT_EQ(Ask(Method::kPost, "/api/v1/uploads", announced, As(who, "application/json")).status,
              404);
  }
  EXPECT_EQ(UploadsKept(), 0U);
}

TEST_F(ReachTest, AnEqualPhotosResultIsReachedByItsOwnersAlone) {
  const auto key = std::string(64, 'a');
  jobs::NewJob job;
  job.key = key;
  job.name = "annas secret.jpg";
  job.payload = photos::FormatTask({photos::UploadedPhoto{"upload"}, {}});
  job.added_by = anna_.person.id;
  store_->Submit(job).value();
  photos::PhotoResult result;
  const auto file = key.substr(0, 32) + ".png";
  result.place = photos::StoredResult{file};
  result.report = R"({"input":"annas secret.jpg","faces":[]})";
  CompleteNext(result);
  ASSERT_TRUE(WriteFileAtomically(folder_.Output(file), AsBytes(TestPhoto())));
  const auto output = "/outputs/" + file;
  EXPECT_EQ(Ask(Method::kGet, output, "", As(anna_)).status, 200);
  EXPECT_EQ(Ask(Method::kGet, output, "", As(carl_)).status, 200);
  EXPECT_EQ(Ask(Method::kGet, output, "", As(ben_)).status, 404);
  EXPECT_EQ(Ask(Method::kGet, "/outputs/" + key.substr(0, 32), "", As(ben_)).status, 404);

  job.name = "bens.jpg";
  job.added_by = ben_.person.id;
  const auto bens = store_->Submit(job).value().job;
  ASSERT_TRUE(bens.cached);
  EXPECT_EQ(Ask(Method::kGet, output, "", As(ben_)).status, 200);
  const auto path = "/api/v1/jobs/" + std::to_string(bens.id);
  for (const auto* part : {"", "/report"}) {
    const auto text = TextOf(Ask(Method::kGet, path + part, "", As(ben_)));
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
  }
  EXPECT_EQ(JsonOf(Ask(Method::kGet, path + "/report", "", As(ben_)))["input"], "bens.jpg");
}

}  // namespace
}  // namespace gpen::api
