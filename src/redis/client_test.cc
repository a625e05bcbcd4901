#include "redis/client.h"

#include <gtest/gtest.h>

#include <thread>

#include "redis/redis_server_testing.h"
#include "redis/subscription.h"

namespace gpen::redis {
namespace {

TEST(Client, EncodesAnyBytes) {
  EXPECT_EQ(Encode({"SET", "k", "a\r\nb"}), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n");
}

TEST(Client, TellsWhoseFaultAnErrorIs) {
  EXPECT_EQ(ErrorOfReply("WRONGPASS invalid").code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(ErrorOfReply("OOM command not allowed").code(), ErrorCode::kUnavailable);
  EXPECT_EQ(ErrorOfReply("ERR syntax").code(), ErrorCode::kInternal);
}

TEST(Client, SpeaksToARealServer) {
  GPEN_NEEDS_REDIS();
  const RedisServer server;
  Client client(server.address(2), {});
  ASSERT_TRUE(client.Run({"SET", "k", std::string("a\0b", 3)}));
  EXPECT_EQ(client.Run({"GET", "k"})->text, std::string("a\0b", 3));
  EXPECT_TRUE(client.Run({"GET", "none"})->is_null());
  const auto replies = client.RunAtomically({{"INCR", "n"}, {"INCR", "n"}});
  ASSERT_TRUE(replies) << replies.error().message();
  EXPECT_EQ((*replies)[1].integer, 2);
  const auto refused = client.RunAtomically({{"INCR", "n"}, {"NOSUCH"}});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("unknown command"), std::string::npos);
  EXPECT_EQ(client.Run({"GET", "n"})->text, "2");
  // The other databases do not see it.
  Client other(server.address(0), {});
  EXPECT_TRUE(other.Run({"GET", "k"})->is_null());
}

TEST(Client, RunsAScriptThatTheServerForgot) {
  GPEN_NEEDS_REDIS();
  const RedisServer server;
  Client client(server.address(), {});
  const Script script("return {KEYS[1], ARGV[1]}");
  for (int i = 0; i < 2; ++i) {
    const auto reply = client.RunScript(script, {"k"}, {"a"});
    ASSERT_TRUE(reply) << reply.error().message();
    EXPECT_EQ(reply->TextAt(1), "a");
  }
  ASSERT_TRUE(client.Run({"SCRIPT", "FLUSH"}));
  EXPECT_TRUE(client.RunScript(script, {"k"}, {"a"}));
  const auto broken = client.RunScript(Script("return redis.call('NOSUCH')"), {}, {});
  EXPECT_FALSE(broken);
}

TEST(Client, ConnectsAnewWhenTheServerIsBack) {
  GPEN_NEEDS_REDIS();
  RedisServer server;
  Client client(server.address(), {.backoff = {.first = Milliseconds(10)}});
  ASSERT_TRUE(client.Run({"PING"}));
  server.Stop();
  const auto broken = client.Run({"PING"});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code(), ErrorCode::kUnavailable);
  ASSERT_FALSE(client.Run({"PING"}));
  const auto early = client.Run({"PING"});  // Not even tried.
  ASSERT_FALSE(early);
  EXPECT_NE(early.error().message().find("next try"), std::string::npos);
  server.Start();
  bool answered = false;
  for (int i = 0; i < 200 && !answered; ++i) {
    std::this_thread::sleep_for(Milliseconds(20));
    answered = client.Run({"PING"}).has_value();
  }
  EXPECT_TRUE(answered);
}

TEST(Client, LogsInAsAUserOfAnAcl) {
  GPEN_NEEDS_REDIS();
  const RedisServer server({"--user", "gpen", "on", ">secret", "~gpen*", "&*", "+@all",
                            "-@dangerous", "--user", "default", "off"});
  auto address = server.address();
  Client stranger(address, {});
  const auto refused = stranger.Run({"PING"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  address.user = "gpen";
  address.password = "secret";
  Client known(address, {});
  EXPECT_TRUE(known.Run({"SET", "gpen:a", "1"}));
  const auto elsewhere = known.Run({"GET", "theirs"});
  ASSERT_FALSE(elsewhere);
  EXPECT_NE(elsewhere.error().message().find("NOPERM"), std::string::npos);
}

TEST(Client, RefusesAReplyOverItsLimit) {
  GPEN_NEEDS_REDIS();
  const RedisServer server;
  ClientOptions options;
  options.connection.limits.most_bytes = 1000;
  Client client(server.address(), options);
  ASSERT_TRUE(client.Run({"SET", "k", std::string(2000, 'a')}));
  EXPECT_FALSE(client.Run({"GET", "k"}));
  EXPECT_TRUE(client.Run({"PING"}));  // Over a new connection.
}

TEST(Subscription, HearsWhatIsPublished) {
  GPEN_NEEDS_REDIS();
  RedisServer server;
  Subscription heard(server.address(), {.backoff = {.first = Milliseconds(10)}}, {"/0.a*"});
  ASSERT_TRUE(heard.Next(Milliseconds(100)));
  Client client(server.address(), {.backoff = {.first = Milliseconds(10)}});
  const auto publish_until_heard = [&]() -> std::optional<Published> {
    for (int i = 0; i < 100; ++i) {
      (void)client.Run({"PUBLISH", "/0.ab", "x"});
      if (auto next = heard.Next(Milliseconds(50)); next && *next) return *next;
    }
    return std::nullopt;
  };
  const auto first = publish_until_heard();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->channel, "/0.ab");
  EXPECT_EQ(first->payload, "x");
  server.Stop();
  EXPECT_FALSE(heard.Next(Milliseconds(100)));
  server.Start();
  EXPECT_TRUE(publish_until_heard());
}

}  // namespace
}  // namespace gpen::redis
