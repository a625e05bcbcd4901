// Subscription: messages of channels, over a connection of its own, which is made anew when it
// broke. What is published while there is no connection is lost, as always with Redis. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "redis/address.h"
#include "redis/client.h"
#include "redis/connection.h"

namespace gpen::redis {

struct Published {
  std::string channel;
  std::string payload;
};

class Subscription {
 public:
  /// `patterns` as PSUBSCRIBE takes them.
  Subscription(Address address, ClientOptions options, std::vector<std::string> patterns);

  /// The next message; nothing within `timeout`, which is waited out also while the server cannot
  /// be reached. Errors: kUnavailable and those of Connection::Open(), once for each failure: go on
  /// calling.
  Result<std::optional<Published>> Next(Milliseconds timeout);

 private:
  Result<void> Connect();
  /// Whether the server still answers is asked when nothing came for long.
  Result<void> KeepAlive();

  const Address address_;
  const ClientOptions options_;
  const std::vector<std::string> patterns_;
  std::unique_ptr<Connection> connection_;
  Backoff backoff_;
  std::chrono::steady_clock::time_point heard_;
  bool asked_ = false;
};

}  // namespace gpen::redis
