// Channel: one end of the line between the service and a process that works on photos for it.
// Messages have a short text (JSON) and parts, such as whole files. What comes in is not trusted:
// it may come from a process that a photo took over.
//
// One thread may send while another receives.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/result.h"

namespace gpen::sandbox {

using Bytes = std::vector<std::byte>;

struct Message {
  std::string text;
  std::vector<Bytes> parts;
};

class Channel {
 public:
  static constexpr std::size_t kMostText = std::size_t{1} << 20;
  static constexpr std::size_t kMostParts = 8;

  explicit Channel(Descriptor socket);

  /// A channel, and the socket at its other end. Errors: kUnavailable.
  static Result<std::pair<Channel, Descriptor>> MakePair();

  /// Errors: kInvalidArgument (too long, too many), kUnavailable (nobody is at the other end, or
  /// nobody takes the message for half a minute).
  Result<void> Send(std::string_view text, std::span<const std::span<const std::byte>> parts = {});

  /// Waits for a message, `patience` at most; for ever where it is negative. Nothing where none
  /// came. Errors: kUnavailable (nobody is at the other end), kOutOfMemory, kInternal (no message
  /// of ours).
  Result<std::optional<Message>> Receive(Milliseconds patience);

 private:
  Descriptor socket_;
};

}  // namespace gpen::sandbox
