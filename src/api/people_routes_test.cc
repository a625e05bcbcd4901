// People and who somebody is, by the real router.
#include "api/api_testing.h"
#include "api/schema_testing.h"

namespace gpen::api {
namespace {

using http::Method;

class PeopleRoutesTest : public ApiFixture {
 protected:
  static std::string Faults(const http::Response& response, const std::string& schema) {
    return SchemaFaults(JsonOf(response), ReferenceTo(schema), schema);
  }
  http::Response AskAs(const std::string& token, Method method, std::string_view target,
                       std::string_view body = "") {
    return Ask(method, target, body, {{"x-api-key", token}});
  }
};

TEST_F(PeopleRoutesTest, AManagerAddsChangesRenewsAndRemoves) {
  const auto first = Ask(Method::kPost, "/api/v1/people", R"({"name":"Mia","role":"manager"})");
  ASSERT_EQ(first.status, 201) << TextOf(first);
  EXPECT_EQ(Faults(first, "Admission"), "");
  EXPECT_FALSE(first.Header("Set-Cookie").empty()) << "who opened the list stays in";
  const auto mia = JsonOf(first)["token"].get<std::string>();
  EXPECT_EQ(Ask(Method::kGet, "/api/v1/people").status, 401);

  const auto added = AskAs(mia, Method::kPost, "/api/v1/people", R"({"name":"Anna","sees":"own"})");
  ASSERT_EQ(added.status, 201);
  EXPECT_TRUE(added.Header("Set-Cookie").empty());
  const auto anna = JsonOf(added)["token"].get<std::string>();
  const auto path = "/api/v1/people/" + Dump(JsonOf(added)["person"]["id"]);
  const auto list = AskAs(mia, Method::kGet, "/api/v1/people");
  EXPECT_EQ(Faults(list, "People"), "");
  EXPECT_EQ(JsonOf(list)["people"].size(), 2U);
  EXPECT_EQ(TextOf(list).find(anna), std::string::npos) << "a token is told once";

  const auto changed = AskAs(mia, Method::kPatch, path, R"({"sees":"all"})");
  EXPECT_EQ(Faults(changed, "Person"), "");
  EXPECT_EQ(JsonOf(changed)["sees"], "all");
  const auto renewed = AskAs(mia, Method::kPost, path + "/renew");
  EXPECT_EQ(Faults(renewed, "Admission"), "");
  EXPECT_EQ(AskAs(anna, Method::kGet, "/api/v1/jobs").status, 401);
  const auto newer = JsonOf(renewed)["token"].get<std::string>();
  EXPECT_EQ(AskAs(newer, Method::kGet, "/api/v1/jobs").status, 200);
  EXPECT_EQ(AskAs(mia, Method::kDelete, path).status, 200);
  EXPECT_EQ(AskAs(newer, Method::kGet, "/api/v1/jobs").status, 401);
  EXPECT_EQ(AskAs(mia, Method::kDelete, path).status, 404);
}

TEST_F(PeopleRoutesTest, RefusesWhatIsNoPerson) {
  for (const auto* body :
       {"", "[]", "{}", R"({"name":""})", R"({"name":1})", R"({"name":"A","role":"king"})",
        R"({"name":"A","sees":"none"})", R"({"name":"A","age":"7"})"}) {
    const auto response = Ask(Method::kPost, "/api/v1/people", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(JsonOf(response)["code"], "invalid_argument") << body;
  }
  EXPECT_TRUE(people_->is_empty());
}

TEST_F(PeopleRoutesTest, SaysWhoAsks) {
  const auto open = Ask(Method::kGet, "/api/v1/session");
  EXPECT_EQ(Faults(open, "Session"), "");
  EXPECT_EQ(TextOf(open), R"({"signed_in":true,"person":null,"manager":true,"sees":"all",)"
                          R"("has_people":false,"needs_token":false})");
  const auto anna = people_->Add({"Anna", people::Role::kMember, people::Sees::kOwn}).value();
  const auto nobody = Ask(Method::kGet, "/api/v1/session");
  EXPECT_EQ(Faults(nobody, "Session"), "");
  EXPECT_EQ(JsonOf(nobody)["signed_in"], false);
  EXPECT_EQ(JsonOf(nobody)["manager"], false);
  const auto known = AskAs(anna.token, Method::kGet, "/api/v1/session");
  EXPECT_EQ(Faults(known, "Session"), "");
  EXPECT_EQ(JsonOf(known)["person"]["name"], "Anna");
  EXPECT_EQ(JsonOf(known)["sees"], "own");
}

TEST_F(PeopleRoutesTest, AStreamEndsWithWhatItStandsOn) {
  const auto anna = people_->Add({"Anna", people::Role::kMember, people::Sees::kOwn}).value();
  const auto stream = AskAs(anna.token, Method::kGet, "/api/v1/events/stream");
  ASSERT_EQ(stream.status, 200);
  EXPECT_EQ(events_.streams(), 1);
  ASSERT_TRUE(people_->Renew(anna.person.id));
  events_.DropStale();
  EXPECT_EQ(events_.streams(), 0);
}

}  // namespace
}  // namespace gpen::api
