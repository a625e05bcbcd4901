#include "api/access_control.h"

#include <gtest/gtest.h>

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

TEST(IsOwnHost, KeepsForeignNamesOut) {
  for (const auto* host : {"192.168.1.7", "192.168.1.7:7860", "[::1]:7860", "nas", "nas:7860",
                           "nas.local", "diskstation.lan:80", "localhost", "photos.example.org"}) {
    EXPECT_TRUE(IsOwnHost(host, {"photos.example.org"})) << host;
  }
  for (const auto* host :
       {"evil.example", "evil.example:7860", "1.evil.example", "local.evil.com"}) {
    EXPECT_FALSE(IsOwnHost(host, {"photos.example.org"})) << host;
  }
}

TEST(AccessControl, WithoutATokenOnlyOtherSitesAreRefused) {
  AccessControl access("", {});
  EXPECT_FALSE(access.Check(Ask(http::Method::kPost, {})));
  EXPECT_FALSE(access.Check(Ask(http::Method::kPost, {{"origin", "http://nas:7860"}})));
  for (const auto& header : http::Fields{{"origin", "http://evil.example"},
                                         {"origin", "null"},
                                         {"sec-fetch-site", "cross-site"}}) {
    const auto refusal = access.Check(Ask(http::Method::kPost, {header}));
    ASSERT_TRUE(refusal) << header.second;
    EXPECT_EQ(refusal->status, 403);
  }
}

TEST(AccessControl, TakesTheTokenFromTwoHeaders) {
  AccessControl access("the-right-one", {});
  EXPECT_EQ(access.Check(Ask(http::Method::kGet, {}))->status, 401);
  EXPECT_EQ(access.Check(Ask(http::Method::kGet, {{"x-api-key", "the-right-on"}}))->status, 401);
  EXPECT_FALSE(access.Check(Ask(http::Method::kGet, {{"x-api-key", "the-right-one"}})));
  EXPECT_FALSE(access.Check(Ask(http::Method::kPost, {{"authorization", "Bearer the-right-one"}})));
}

TEST(AccessControl, CountsFailuresPerAddress) {
  AccessControl access("the-right-one", {});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(access.Check(Ask(http::Method::kGet, {{"x-api-key", "wrong"}}))->status, 401);
  }
  auto request = Ask(http::Method::kGet, {{"x-api-key", "the-right-one"}});
  EXPECT_EQ(access.Check(request)->status, 429);
  request.remote_address = "192.168.1.6";
  EXPECT_FALSE(access.Check(request));
}

TEST(AccessControl, CountsTheProxysClientsOnlyWhereThereIsAProxy) {
  for (const bool behind_proxy : {true, false}) {
    AccessControl access("the-right-one", {}, behind_proxy);
    for (int i = 0; i < 10; ++i) {
      access.Check(Ask(http::Method::kGet, {{"x-api-key", "wrong"}, {"x-real-ip", "10.0.0.1"}}));
    }
    const auto other =
        Ask(http::Method::kGet, {{"x-api-key", "the-right-one"}, {"x-real-ip", "10.0.0.2"}});
    EXPECT_EQ(access.Check(other).has_value(), !behind_proxy);
  }
}

TEST(AccessControl, SaysWhenToTryALoginAgain) {
  AccessControl access("the-right-one", {});
  const auto request = Ask(http::Method::kPost, {});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(access.Login(request, "token=wrong").status, 401);
  const auto refused = access.Login(request, "token=the-right-one");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "60");
}

}  // namespace
}  // namespace gpen::api
