#include "redis/address.h"

#include <gtest/gtest.h>

namespace gpen::redis {
namespace {

Address Read(const std::string& url) {
  auto address = ParseAddress(url);
  EXPECT_TRUE(address) << url << ": " << address.error().message();
  return address ? *address : Address{};
}

TEST(Address, ReadsWhatCelerysClientsWrite) {
  EXPECT_EQ(Read("redis://"), Address{});
  EXPECT_EQ(Read("redis://nas:6380/3"), (Address{.host = "nas", .port = 6380, .database = 3}));
  EXPECT_EQ(Read("redis://:p%40ss@nas"), (Address{.host = "nas", .password = "p@ss"}));
  EXPECT_EQ(Read("redis://u:a@b@nas/1"),
            (Address{.host = "nas", .database = 1, .user = "u", .password = "a@b"}));
  EXPECT_EQ(Read("redis://[::1]:7000/2"), (Address{.host = "::1", .port = 7000, .database = 2}));
  EXPECT_EQ(Read("redis+socket:///run/redis.sock?virtual_host=5"),
            (Address{.socket = "/run/redis.sock", .database = 5}));
  EXPECT_EQ(Read("unix:///run/redis.sock"), (Address{.socket = "/run/redis.sock"}));
}

TEST(Address, ReadsTls) {
  const auto address = Read("rediss://nas?ssl_cert_reqs=CERT_REQUIRED&ssl_ca_certs=/etc/ca.pem");
  EXPECT_TRUE(address.tls);
  EXPECT_TRUE(address.verify);
  EXPECT_EQ(address.ca_file, "/etc/ca.pem");
  EXPECT_FALSE(Read("rediss://nas?ssl_cert_reqs=none").verify);
}

TEST(Address, ReadsSentinels) {
  const Address expected{.database = 2,
                         .password = "p",
                         .sentinels = {{"a", 26379}, {"b", 1}},
                         .master_name = "photos"};
  EXPECT_EQ(Read("sentinel://:p@a,b:1/2?master_name=photos"), expected);
  EXPECT_EQ(Read("sentinel://:p@a/2;sentinel://b:1/2?master_name=photos"), expected);
  const auto locked = Read(
      "sentinel://[::1]?master_name=photos&sentinel_username=u&sentinel_password=s"
      "&ssl_cert_reqs=none");
  EXPECT_EQ(locked.sentinels, (std::vector<Endpoint>{{"::1", 26379}}));
  EXPECT_EQ(locked.sentinel_user, "u");
  EXPECT_EQ(locked.sentinel_password, "s");
  EXPECT_TRUE(locked.tls);
}

TEST(Address, RefusesWithTheReason) {
  for (const auto& [url, reason] : std::vector<std::pair<std::string, std::string>>{
           {"nas:6379", "no \"://\""},
           {"amqp://nas", "not spoken here"},
           {"redis://nas:70000", "a port from 0 to 65535"},
           {"redis://nas/x", "a database"},
           {"redis://nas/-1", "a database"},
           {"redis://%zz:x@nas", "two hexadecimal digits"},
           {"redis://user@nas", "needs a password"},
           {"redis://[::1", "without \"]\""},
           {"redis://nas?colour=red", "not known"},
           {"redis+socket://", "path of the socket"},
           {"sentinel://a,b", "master_name"},
           {"sentinel://a;sentinel://b:x?master_name=m", "a port from 0"},
           {"redis://a?master_name=m", "not known"}}) {
    const auto address = ParseAddress(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(address.error().message().find(reason), std::string::npos)
        << url << ": " << address.error().message();
  }
}

TEST(Address, TellsNoPassword) {
  EXPECT_EQ(Describe(Read("rediss://u:secret@nas:1/2")), "rediss://u@nas:1/2");
  EXPECT_EQ(Describe(Read("redis+socket:///s?virtual_host=1")), "redis+socket:///s?virtual_host=1");
  EXPECT_EQ(Describe(Read("sentinel://:secret@a,[::1]/1?master_name=m&sentinel_password=secret")),
            "sentinel://a:26379,[::1]:26379/1?master_name=m");
  const auto refused = ParseAddress("redis://u:secret@nas/x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace gpen::redis
