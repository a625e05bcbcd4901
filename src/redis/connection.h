// Connection: one connection to a Redis server, logged in and in its database. After an error it is
// of no use any more. One thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "redis/address.h"
#include "redis/reply.h"
#include "redis/reply_parser.h"
#include "redis/transport.h"

namespace gpen::redis {

/// A command and its arguments, which may hold any bytes.
using Command = std::vector<std::string>;

struct ConnectionOptions {
  std::string name = {};  ///< Shown by CLIENT LIST; no spaces.
  Milliseconds connect_timeout{5'000};
  Milliseconds reply_timeout{10'000};
  ReplyLimits limits = {};
};

/// As the server reads it.
std::string Encode(const Command& command);

/// What the error reply `text` ("NOAUTH Authentication required.") means: kInvalidArgument where
/// our settings are wrong (password, rights), kUnavailable where the server cannot now (loading,
/// full, read-only), else kInternal.
Error ErrorOfReply(const std::string& text);

class Connection {
 public:
  /// Of an address with Sentinels: to the master. Errors: those of Transport::Open(), of logging in
  /// and of FindMaster().
  static Result<std::unique_ptr<Connection>> Open(const Address& address,
                                                  const ConnectionOptions& options);

  /// Sends all commands at once and returns their replies in order, error replies too. Errors:
  /// kUnavailable (whether the server did something is not known then).
  Result<std::vector<Reply>> Run(std::span<const Command> commands);

  /// For a connection that listens: sends without waiting for replies.
  Result<void> Send(const Command& command);
  /// What comes next; nothing within `timeout`. Errors: kUnavailable.
  Result<std::optional<Reply>> Receive(Milliseconds timeout);

 private:
  Connection(std::unique_ptr<Transport> transport, const ConnectionOptions& options)
      : options_(options), transport_(std::move(transport)), parser_(options.limits) {}
  Result<void> LogIn(const Address& address);
  Result<void> CheckIsMaster();

  ConnectionOptions options_;
  std::unique_ptr<Transport> transport_;
  ReplyParser parser_;
};

}  // namespace gpen::redis
