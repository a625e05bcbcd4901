// Client: commands to a Redis server over one connection, which is made anew when it broke.
//
// Nothing is sent twice by itself: after kUnavailable the caller decides whether a repetition does
// harm. Where the server cannot be reached, calls fail at once until the pause is over, and pauses
// grow. Thread-safe: one call at a time, the others wait. The process must ignore SIGPIPE.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "redis/address.h"
#include "redis/backoff.h"
#include "redis/connection.h"
#include "redis/reply.h"

namespace gpen::redis {

struct ClientOptions {
  ConnectionOptions connection = {};
  BackoffOptions backoff = {};
};

/// A Lua script that the server runs as one step. Sent whole only where the server does not know
/// it. A constant of the program; thread-safe.
class Script {
 public:
  explicit Script(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Client {
 public:
  Client(Address address, ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const Address& address() const { return address_; }

  /// Errors: kUnavailable (not reached, or the connection broke: what the server did is not known),
  /// those of ErrorOfReply().
  Result<Reply> Run(const Command& command);

  /// All at once; another client's commands may come between them. Errors: as Run(), of the first
  /// one that failed.
  Result<std::vector<Reply>> RunAll(const std::vector<Command>& commands);

  /// All as one step (MULTI). Errors: as Run(); then nothing was done, unless it is kUnavailable.
  Result<std::vector<Reply>> RunAtomically(const std::vector<Command>& commands);

  /// Errors: as Run().
  Result<Reply> RunScript(const Script& script, const std::vector<std::string>& keys,
                          const std::vector<std::string>& arguments);

 private:
  Result<std::vector<Reply>> RunRaw(const std::vector<Command>& commands);

  const Address address_;
  const ClientOptions options_;
  std::mutex mutex_;  // Guards the two below.
  std::unique_ptr<Connection> connection_;
  Backoff backoff_;
};

}  // namespace gpen::redis
