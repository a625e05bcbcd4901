#include "api/access_control.h"

#include <gtest/gtest.h>

#include "base/clock_testing.h"
#include "base/folder_testing.h"

namespace gpen::api {
namespace {

http::Request Ask(http::Method method, http::Fields headers) {
  http::Request request;
  request.method = method;
  request.target = *http::ParseTarget("/api/v1/jobs");
  request.headers = std::move(headers);
  request.headers.emplace_back("host", "nas:7860");
  request.remote_address = "192.168.1.5";
  return request;
}

std::optional<http::Response> Check(AccessControl& access, http::Request request) {
  return access.Check(&request);
}

TEST(IsOwnHost, KeepsForeignNamesOut) {
  for (const auto* host : {"192.168.1.7", "192.168.1.7:7860", "[::1]:7860", "nas", "nas:7860",
                           "nas.local", "diskstation.lan:80", "localhost", "photos.example.org"}) {
    EXPECT_TRUE(IsOwnHost(host, {"photos.example.org"})) << host;
  }
  // Names of hosts are not case-sensitive.
  EXPECT_TRUE(IsOwnHost("NAS.Local:7860", {}));
  EXPECT_TRUE(IsOwnHost("NAS.LOCAL.", {}));
  EXPECT_TRUE(IsOwnHost("photos.EXAMPLE.org", {"Photos.example.org"}));
  for (const auto* host :
       {"evil.example", "evil.example:7860", "1.evil.example", "local.evil.com"}) {
    EXPECT_FALSE(IsOwnHost(host, {"photos.example.org"})) << host;
  }
}

TEST(AccessControl, WithoutATokenOnlyOtherSitesAreRefused) {
  AccessControl access("", {});
  EXPECT_FALSE(Check(access, Ask(http::Method::kPost, {})));
  EXPECT_FALSE(Check(access, Ask(http::Method::kPost, {{"origin", "http://nas:7860"}})));
  EXPECT_FALSE(Check(access, Ask(http::Method::kPost, {{"origin", "http://NAS:7860"}})));
  for (const auto& header : http::Fields{{"origin", "http://evil.example"},
                                         {"origin", "null"},
                                         {"sec-fetch-site", "cross-site"}}) {
    const auto refusal = Check(access, Ask(http::Method::kPost, {header}));
    ASSERT_TRUE(refusal) << header.second;
    EXPECT_EQ(refusal->status, 403);
  }
}

TEST(AccessControl, TakesTheTokenFromTwoHeaders) {
  AccessControl access("the-right-one", {});
  EXPECT_EQ(Check(access, Ask(http::Method::kGet, {}))->status, 401);
  EXPECT_EQ(Check(access, Ask(http::Method::kGet, {{"x-api-key", "the-right-on"}}))->status, 401);
  EXPECT_FALSE(Check(access, Ask(http::Method::kGet, {{"x-api-key", "the-right-one"}})));
  EXPECT_FALSE(
      Check(access, Ask(http::Method::kPost, {{"authorization", "Bearer the-right-one"}})));
  EXPECT_FALSE(
      Check(access, Ask(http::Method::kPost, {{"authorization", "bearer the-right-one"}})));
  for (const auto* other : {"Basic the-right-one", "Bearer The-Right-One", "Bearer", "Bear"}) {
    EXPECT_EQ(Check(access, Ask(http::Method::kPost, {{"authorization", other}}))->status, 401);
  }
}

TEST(AccessControl, CountsFailuresPerAddress) {
  AccessControl access("the-right-one", {});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Check(access, Ask(http::Method::kGet, {{"x-api-key", "wrong"}}))->status, 401);
  }
  auto request = Ask(http::Method::kGet, {{"x-api-key", "the-right-one"}});
  EXPECT_EQ(Check(access, request)->status, 429);
  request.remote_address = "192.168.1.6";
  EXPECT_FALSE(Check(access, request));
}

TEST(AccessControl, TellsOfEveryRefusal) {
  std::vector<std::string> refusals;
  AccessControl access("the-right-one", {}, [&](std::string_view address, std::string_view why) {
    refusals.push_back(std::string(address) + ": " + std::string(why));
  });
  Check(access, Ask(http::Method::kGet, {}));
  EXPECT_TRUE(refusals.empty()) << "who says nothing is asked for the token";
  Check(access, Ask(http::Method::kGet, {{"x-api-key", "wrong"}}));
  access.Login(Ask(http::Method::kPost, {}), "token=wrong");
  EXPECT_EQ(refusals, std::vector<std::string>(2, "192.168.1.5: a wrong token"));
  for (int i = 0; i < 8; ++i) access.Login(Ask(http::Method::kPost, {}), "token=wrong");
  access.Login(Ask(http::Method::kPost, {}), "token=the-right-one");
  EXPECT_EQ(refusals.back(), "192.168.1.5: too many wrong tokens");
}

TEST(AccessControl, ThroughTlsTheCookieNeverGoesOutInTheOpen) {
  AccessControl access("the-right-one", {});
  auto request = Ask(http::Method::kPost, {});
  const auto plain = access.Login(request, "token=the-right-one");
  EXPECT_EQ(plain.Header("Set-Cookie").find("Secure"), std::string_view::npos);
  request.is_secure = true;
  const auto secure = access.Login(request, "token=the-right-one");
  EXPECT_TRUE(secure.Header("Set-Cookie").ends_with("; Secure"));
  EXPECT_TRUE(access.Logout(request).Header("Set-Cookie").ends_with("; Secure"));
}

TEST(AccessControl, OtherSitesFetchNothing) {
  AccessControl access("", {});
  const auto is_refused = [&](const char* site, const char* mode, const char* dest,
                              const char* route) {
    auto request =
        Ask(http::Method::kGet,
            {{"sec-fetch-site", site}, {"sec-fetch-mode", mode}, {"sec-fetch-dest", dest}});
    request.route = route;
    return Check(access, request).has_value();
  };
  for (const auto* site : {"cross-site", "same-site"}) {
    EXPECT_TRUE(is_refused(site, "no-cors", "image", "/api/v1/jobs/{id}/view/{side}"));
    EXPECT_TRUE(is_refused(site, "no-cors", "image", "/api/v1/jobs"));
    EXPECT_TRUE(is_refused(site, "navigate", "iframe", "/"));
    EXPECT_FALSE(is_refused(site, "navigate", "document", "/")) << "a link to us";
    EXPECT_FALSE(is_refused(site, "navigate", "document", "/api/v1/jobs/{id}/result"));
    EXPECT_TRUE(is_refused(site, "navigate", "document", "/api/v1/zip"));
    EXPECT_TRUE(is_refused(site, "navigate", "document", "/api/v1/batches/{id}/zip"));
  }
  EXPECT_FALSE(is_refused("same-origin", "no-cors", "image", "/api/v1/jobs/{id}/view/{side}"));
  EXPECT_FALSE(is_refused("none", "navigate", "document", "/api/v1/zip")) << "a bookmark";
  EXPECT_FALSE(Check(access, Ask(http::Method::kGet, {}))) << "programs and old browsers";
}

TEST(AccessControl, SendsBrowsersToTheLogin) {
  AccessControl access("the-right-one", {});
  for (const auto* accept : {"text/html", "image/png, Text/HTML;q=0.9", "TEXT/HTML ; level=1"}) {
    const auto answer = Check(access, Ask(http::Method::kGet, {{"accept", accept}}));
    EXPECT_EQ(answer->status, 303) << accept;
    EXPECT_EQ(answer->Header("Location"), "/login");
  }
  for (const auto* accept : {"", "*/*", "application/json", "text/htmlx"}) {
    EXPECT_EQ(Check(access, Ask(http::Method::kGet, {{"accept", accept}}))->status, 401) << accept;
  }
}

TEST(AccessControl, ALoginLastsUntilTheLogout) {
  AccessControl access("the-right-one", {});
  // The form's type, however it is spelt, is not what lets somebody in.
  const auto form = Ask(http::Method::kPost,
                        {{"content-type", "Application/X-WWW-Form-URLEncoded; Charset=UTF-8"}});
  EXPECT_EQ(access.Login(form, "token=the-wrong-one").status, 401);
  const auto login = access.Login(form, "x=1&token=the%2Dright-one");
  ASSERT_EQ(login.status, 303);
  const auto set = login.Header("Set-Cookie");
  const http::Fields cookie = {{"cookie", "a=b; " + std::string(set.substr(0, set.find(';')))}};
  EXPECT_FALSE(Check(access, Ask(http::Method::kGet, cookie)));
  // A cookie comes along from anywhere: changes must show where they come from.
  EXPECT_EQ(Check(access, Ask(http::Method::kPost, cookie))->status, 403);
  auto change = cookie;
  change.emplace_back("x-requested-with", "gpen");
  EXPECT_FALSE(Check(access, Ask(http::Method::kPost, change)));
  EXPECT_EQ(access.Logout(Ask(http::Method::kDelete, change)).status, 200);
  EXPECT_EQ(Check(access, Ask(http::Method::kGet, cookie))->status, 401);
}

TEST(AccessControl, SaysWhenToTryALoginAgain) {
  AccessControl access("the-right-one", {});
  const auto request = Ask(http::Method::kPost, {});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(access.Login(request, "token=wrong").status, 401);
  const auto refused = access.Login(request, "token=the-right-one");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "60");
}

class PeopleAccess : public testing::Test {
 protected:
  void Open(const std::string& owner_token) {
    people_ =
        people::People::Open(folder_.path() / "people.json", !owner_token.empty(), clock_).value();
    access_ = std::make_unique<AccessControl>(owner_token, std::vector<std::string>(),
                                              AccessControl::OnRefused(), people_.get());
  }

  people::Admission Add(const std::string& name, people::Role role = people::Role::kMember) {
    return people_->Add({name, role, people::Sees::kAll}).value();
  }

  // Whose a request is; nothing where it is refused.
  std::optional<std::int64_t> UserOf(http::Fields headers) {
    auto request = Ask(http::Method::kGet, std::move(headers));
    if (access_->Check(&request)) return std::nullopt;
    return request.user;
  }
  std::optional<std::int64_t> UserWith(const std::string& token) {
    return UserOf({{"x-api-key", token}});
  }

  http::Fields LogIn(const std::string& token) {
    const auto login = access_->Login(Ask(http::Method::kPost, {}), "token=" + token);
    EXPECT_EQ(login.status, 303);
    const std::string cookie(login.Header("Set-Cookie"));
    return {{"cookie", cookie.substr(0, cookie.find(';'))}};
  }

  TestFolder folder_;
  FakeClock clock_;
  std::unique_ptr<people::People> people_;
  std::unique_ptr<AccessControl> access_;
};

TEST_F(PeopleAccess, WithoutPeopleNothingIsDifferent) {
  Open("");
  EXPECT_EQ(UserOf({}), kOwner);
  EXPECT_FALSE(access_->needs_token());
  Open("the-owners");
  EXPECT_EQ(UserOf({}), std::nullopt);
  EXPECT_EQ(UserWith("the-owners"), kOwner);
}

TEST_F(PeopleAccess, TheFirstPersonClosesAnOpenService) {
  Open("");
  const auto standing = access_->StandingOf(kOwner);
  const auto first = Add("Anna", people::Role::kManager);
  EXPECT_EQ(UserOf({}), std::nullopt);
  EXPECT_EQ(UserWith(first.token), first.person.id);
  EXPECT_NE(access_->StandingOf(kOwner), standing) << "streams of everybody end";
  ASSERT_TRUE(people_->Remove(first.person.id, true));
  EXPECT_EQ(UserOf({}), kOwner);
}

TEST_F(PeopleAccess, ATokenIsItsPersonsAlone) {
  Open("the-owners");
  const auto anna = Add("Anna");
  const auto ben = Add("Ben");
  EXPECT_EQ(UserWith(anna.token), anna.person.id);
  EXPECT_EQ(UserWith(ben.token), ben.person.id);
  EXPECT_EQ(UserWith("the-owners"), kOwner);
  EXPECT_EQ(UserWith(anna.person.token_sha256), std::nullopt) << "what is stored is no token";
}

TEST_F(PeopleAccess, AWithdrawnTokenEndsItsSessions) {
  Open("the-owners");
  const auto anna = Add("Anna");
  const auto ben = Add("Ben");
  const auto annas = LogIn(anna.token);
  const auto bens = LogIn(ben.token);
  EXPECT_EQ(UserOf(annas), anna.person.id);
  ASSERT_TRUE(people_->Remove(anna.person.id, false));
  EXPECT_EQ(UserOf(annas), std::nullopt);
  EXPECT_EQ(UserOf(bens), ben.person.id);
  // What somebody sees may change without a new login; their token may not.
  ASSERT_TRUE(people_->Change(ben.person.id, {.sees = people::Sees::kOwn}));
  EXPECT_EQ(UserOf(bens), ben.person.id);
  ASSERT_TRUE(people_->Renew(ben.person.id));
  EXPECT_EQ(UserOf(bens), std::nullopt);
}

TEST_F(PeopleAccess, SaysWhoAsksWithoutLettingTokensBeTried) {
  Open("the-owners");
  const auto anna = Add("Anna");
  const auto ask = [&](http::Fields headers) {
    auto request = Ask(http::Method::kGet, std::move(headers));
    request.target = *http::ParseTarget("/api/v1/session");
    const auto refusal = access_->Check(&request);
    return refusal ? refusal->status : static_cast<int>(request.user);
  };
  EXPECT_EQ(ask({}), http::kNobody);
  EXPECT_EQ(ask({{"x-api-key", anna.token}}), anna.person.id);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask({{"x-api-key", "wrong"}}), 401);
  EXPECT_EQ(ask({{"x-api-key", "wrong"}}), 429);
}

}  // namespace
}  // namespace gpen::api
