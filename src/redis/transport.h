// Transport: the bytes to and from a server: TCP, a unix socket, or TLS over TCP, none of which
// waits longer than it is told. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "redis/address.h"

namespace gpen::redis {

class Transport {
 public:
  /// Connects, within `timeout`. Errors: kUnavailable (nobody there, no answer, a certificate that
  /// is not good), kInvalidArgument (a certificate file that cannot be read).
  static Result<std::unique_ptr<Transport>> Open(const Address& address, Milliseconds timeout);

  virtual ~Transport() = default;

  /// Sends all of it. Errors: kUnavailable (closed, or not within `timeout`).
  virtual Result<void> Write(std::string_view bytes, Milliseconds timeout) = 0;

  /// At least one byte into `space`, and how many; nothing where none came within `timeout`.
  /// Errors: kUnavailable (closed).
  virtual Result<std::optional<std::size_t>> Read(std::span<char> space, Milliseconds timeout) = 0;
};

}  // namespace gpen::redis
