#include "redis/sentinel.h"

#include <gtest/gtest.h>

#include "redis/redis_server_testing.h"

namespace gpen::redis {
namespace {

// What Sentinels do with real servers is seen in tests/celery.
TEST(Sentinel, SaysWhatEachOneOfThemAnswered) {
  GPEN_NEEDS_REDIS();
  const int port = FreePort();
  const RedisServer no_sentinel({"--port", std::to_string(port)});
  const Address address{.sentinels = {{"127.0.0.1", FreePort()}, {"127.0.0.1", port}},
                        .master_name = "photos"};
  const auto master = FindMaster(address, {});
  ASSERT_FALSE(master);
  EXPECT_EQ(master.error().code(), ErrorCode::kUnavailable);
  const auto& message = master.error().message();
  EXPECT_NE(message.find("refused"), std::string::npos) << message;
  EXPECT_NE(message.find("unknown command"), std::string::npos) << message;
  EXPECT_FALSE(Connection::Open(address, {}));
}

}  // namespace
}  // namespace gpen::redis
