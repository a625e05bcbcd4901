#include "api/api_testing.h"
#include "api/schema_testing.h"
#include "restore/installed_models_testing.h"

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

TEST_F(ApiFixture, AgainTakesAnotherModelThatIsInstalled) {
  restore::InstallModel(temporary_.path() / "models", "mine", 512);
  const auto photo = TestPhoto("again");
  const auto sent = Ask(Method::kPost, "/api/v1/jobs?name=a.png", photo);
  EXPECT_FALSE(JsonOf(sent)["jobs"][0]["options"].contains("model")) << "as clients know it";
  const auto path = [&](const Json& job) {
    return "/api/v1/jobs/" + std::to_string(job["id"].get<jobs::JobId>()) + "/again";
  };
  const auto first = path(JsonOf(sent)["jobs"][0]);
  const auto with_mine = Ask(Method::kPost, first, R"({"model":"mine"})");
  ASSERT_EQ(with_mine.status, 201) << TextOf(with_mine);
  const auto again = JsonOf(with_mine);
  EXPECT_EQ(SchemaFaults(again, ReferenceTo("Job"), "Job"), "");
  EXPECT_EQ(again["options"]["model"], "mine");
  EXPECT_EQ(JsonOf(Ask(Method::kPost, path(again), "{}"))["options"]["model"], "mine");
  EXPECT_FALSE(
      JsonOf(Ask(Method::kPost, path(again), R"({"model":""})"))["options"].contains("model"))
      << "the service's own again";
  const auto kept = UploadsKept();
  const auto refused = Ask(Method::kPost, first, R"({"model":"yours"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(TextOf(refused).find("(mine)"), std::string::npos) << TextOf(refused);
  EXPECT_EQ(UploadsKept(), kept);
}

TEST_F(ApiFixture, AModelThatIsNotInstalledIsRefusedWhereverItIsAskedFor) {
  restore::InstallModel(temporary_.path() / "models", "mine", 512);
  const auto photo = TestPhoto();
  for (const auto* model : {"yours", "../mine", "auto%20"}) {
    const std::string query = "?name=a.png&model=" + std::string(model);
    EXPECT_EQ(Ask(Method::kPost, "/api/v1/jobs" + query, photo).status, 400) << model;
    EXPECT_EQ(Ask(Method::kPost, "/enhance" + query, photo).status, 400) << model;
    const std::string options = R"({"model":")" + std::string(model) + "\"}";
    EXPECT_EQ(Ask(Method::kPost, "/api/v1/uploads",
                  R"({"name":"a.png","bytes":71,"options":)" + options + "}")
                  .status,
              400)
        << model;
  }
  EXPECT_EQ(UploadsKept(), 0U);
  EXPECT_EQ(JsonOf(Get("/api/v1/jobs"))["jobs"].size(), 0U);
}

TEST_F(ApiFixture, ModelsAreListedWithWhatTheirManifestsSay) {
  restore::InstallModel(temporary_.path() / "models", "mine", 512);
  restore::InstallModel(temporary_.path() / "models", "gpen-lite-256", 256);
  const auto json = JsonOf(Get("/api/v1/models"));
  EXPECT_EQ(SchemaFaults(json, ReferenceTo("Models"), "Models"), "");
  EXPECT_EQ(json["usual"], "auto");
  ASSERT_EQ(json["models"].size(), 2U);
  EXPECT_EQ(json["models"][0]["name"], "gpen-lite-256");
  EXPECT_EQ(json["models"][0]["in_auto"], true);
  EXPECT_EQ(json["models"][1]["provenance"], "a test");
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
