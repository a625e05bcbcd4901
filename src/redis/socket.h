// A connected socket that is waited for with a limit.
#pragma once

#include <poll.h>

#include <chrono>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/result.h"
#include "redis/address.h"

namespace gpen::redis {

/// A moment until which something may take.
class Deadline {
 public:
  explicit Deadline(Milliseconds timeout) : end_(std::chrono::steady_clock::now() + timeout) {}
  /// Never negative.
  Milliseconds left() const {
    const auto left = std::chrono::ceil<Milliseconds>(end_ - std::chrono::steady_clock::now());
    return left < Milliseconds(0) ? Milliseconds(0) : left;
  }

 private:
  std::chrono::steady_clock::time_point end_;
};

/// Waits for `events` (POLLIN, POLLOUT) of the socket; false where the deadline came first. Errors:
/// kUnavailable.
Result<bool> WaitFor(int socket, short events, const Deadline& deadline);

/// A non-blocking socket that is connected. Errors: kUnavailable.
Result<Descriptor> ConnectSocket(const Address& address, const Deadline& deadline);

/// What errno says, about the connection.
Error SocketError(const char* what);

}  // namespace gpen::redis
