#include "api/api_testing.h"
#include "api/schema_testing.h"

namespace gpen::api {
namespace {

using http::Method;

TEST_F(ApiFixture, AgainMakesAJobOfItsOwnWithOtherOptions) {
  const auto photo = TestPhoto("again");
  const auto sent = Ask(Method::kPost, "/api/v1/jobs?name=a.png&strength=20&mode=strong", photo);
  const auto first = JsonOf(sent)["jobs"][0]["id"].get<jobs::JobId>();
  const auto path = "/api/v1/jobs/" + std::to_string(first) + "/again";
  const auto answer = Ask(Method::kPost, path, R"({"strength":90})");
  ASSERT_EQ(answer.status, 201) << TextOf(answer);
  const auto again = JsonOf(answer);
  EXPECT_EQ(SchemaFaults(again, ReferenceTo("Job"), "Job"), "");
  EXPECT_NE(again["id"], first);
  EXPECT_EQ(again["name"], "a.png");
  EXPECT_EQ(again["input_bytes"], photo.size());
  EXPECT_EQ(again["options"]["strength"], 90);
  EXPECT_EQ(again["options"]["mode"], "strong") << "as before";
  EXPECT_EQ(UploadsKept(), 2U) << "each job has a file of its own";
}

TEST_F(ApiFixture, AgainRefusesWhatMakesNoSenseAndKeepsNothing) {
  const auto photo = TestPhoto("again");
  const auto sent = Ask(Method::kPost, "/api/v1/jobs?name=a.png", photo);
  const auto path =
      "/api/v1/jobs/" + std::to_string(JsonOf(sent)["jobs"][0]["id"].get<jobs::JobId>()) + "/again";
  for (const auto* body : {"", "[]", R"({"strength":101})", R"({"colour":1})"}) {
    EXPECT_EQ(Ask(Method::kPost, path, body).status, 400) << body;
  }
  EXPECT_EQ(Ask(Method::kPost, "/api/v1/jobs/99/again", "{}").status, 404);
  EXPECT_EQ(UploadsKept(), 1U);
}

TEST_F(ApiFixture, AZipOfNamedJobsTakesNoFilterAndNoUnknownJob) {
  const auto id = std::to_string(AddJob("a.jpg", "a").id);
  EXPECT_EQ(Get("/api/v1/zip?id=" + id).status, 409) << "it is not done";
  EXPECT_EQ(Get("/api/v1/zip?id=" + id + "&text=a").status, 400);
  EXPECT_EQ(Get("/api/v1/zip?id=" + id + "&id=99").status, 404);
  EXPECT_EQ(Get("/api/v1/zip?id=x").status, 400);
}

}  // namespace
}  // namespace gpen::api
