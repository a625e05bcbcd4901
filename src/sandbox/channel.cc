#include "sandbox/channel.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <new>
#include <system_error>

namespace gpen::sandbox {
namespace {

// The first packet of a message: how many parts, the bytes of each, the text. Packets with the
// parts follow, in order.
struct Header {
  std::uint64_t parts = 0;
  std::array<std::uint64_t, Channel::kMostParts> sizes = {};
};
constexpr std::uint64_t kMostBytes = std::uint64_t{8} << 30;
constexpr std::size_t kPacketBytes = std::size_t{64} << 10;
// A message that has begun goes on at once: who stops in its midst hangs.
constexpr timeval kMostPause = {30, 0};

Error System(std::string_view what) {
  return {ErrorCode::kUnavailable,
          fmt::format("{}: {}", what, std::generic_category().message(errno))};
}

Error Malformed() {
  return {ErrorCode::kInternal, "what came from the other process is no message"};
}

Result<void> SendPacket(int socket, std::span<iovec> pieces) {
  msghdr packet = {};
  packet.msg_iov = pieces.data();
  packet.msg_iovlen = pieces.size();
  while (::sendmsg(socket, &packet, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return System("the other process is gone");
  }
  return {};
}

// The bytes of one packet. Nothing where the wait was interrupted.
Result<std::optional<std::size_t>> ReceivePacket(int socket, std::span<iovec> pieces) {
  msghdr packet = {};
  packet.msg_iov = pieces.data();
  packet.msg_iovlen = pieces.size();
  const auto received = ::recvmsg(socket, &packet, 0);
  if (received < 0 && errno == EINTR) return std::optional<std::size_t>();
  if (received < 0) return System("the other process is gone");
  if (received == 0) return Error(ErrorCode::kUnavailable, "the other process is gone");
  if ((packet.msg_flags & MSG_TRUNC) != 0) return Malformed();
  return std::optional(static_cast<std::size_t>(received));
}

Result<Bytes> ReceivePart(int socket, std::uint64_t size) {
  if (size > kMostBytes) return Malformed();
  Bytes part;
  try {
    part.resize(size);
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kOutOfMemory,
                 fmt::format("not enough memory for a message of {} MB", size >> 20));
  }
  for (std::size_t done = 0; done < part.size();) {
    std::array<iovec, 1> piece = {
        {{part.data() + done, std::min(kPacketBytes, part.size() - done)}}};
    GPEN_ASSIGN_OR_RETURN(const auto received, ReceivePacket(socket, piece));
    done += received.value_or(0);
  }
  return part;
}

// Waits until something can be read; false where nothing came in time.
Result<bool> WaitFor(int socket, Milliseconds patience) {
  pollfd wanted = {socket, POLLIN, 0};
  const int ready = ::poll(&wanted, 1, static_cast<int>(patience.count()));
  if (ready < 0 && errno != EINTR) return System("cannot wait for the other process");
  return ready > 0;
}

}  // namespace

Channel::Channel(Descriptor socket) : socket_(std::move(socket)) {
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kMostPause, sizeof(kMostPause));
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kMostPause, sizeof(kMostPause));
}

Result<std::pair<Channel, Descriptor>> Channel::MakePair() {
  std::array<int, 2> ends = {};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return System("cannot make a line to another process");
  }
  return std::pair(Channel(Descriptor(ends[0])), Descriptor(ends[1]));
}

Result<void> Channel::Send(std::string_view text,
                           std::span<const std::span<const std::byte>> parts) {
  if (text.size() > kMostText || parts.size() > kMostParts) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected a text of up to {} bytes and {} parts, found {} and {}",
                             kMostText, kMostParts, text.size(), parts.size()));
  }
  Header header;
  header.parts = parts.size();
  for (std::size_t i = 0; i < parts.size(); ++i) header.sizes[i] = parts[i].size();
  // sendmsg() reads what an iovec points at and changes none of it.
  std::array<iovec, 2> first = {
      {{&header, sizeof(header)}, {const_cast<char*>(text.data()), text.size()}}};
  GPEN_TRY(SendPacket(socket_.get(), first));
  for (auto part : parts) {
    while (!part.empty()) {
      const auto packet = part.first(std::min(kPacketBytes, part.size()));
      std::array<iovec, 1> piece = {{{const_cast<std::byte*>(packet.data()), packet.size()}}};
      GPEN_TRY(SendPacket(socket_.get(), piece));
      part = part.subspan(packet.size());
    }
  }
  return {};
}

Result<std::optional<Message>> Channel::Receive(Milliseconds patience) {
  GPEN_ASSIGN_OR_RETURN(const bool is_there, WaitFor(socket_.get(), patience));
  if (!is_there) return std::optional<Message>();
  Header header;
  Message message;
  message.text.resize(kMostText);
  std::array<iovec, 2> first = {
      {{&header, sizeof(header)}, {message.text.data(), message.text.size()}}};
  GPEN_ASSIGN_OR_RETURN(const auto received, ReceivePacket(socket_.get(), first));
  if (!received) return std::optional<Message>();
  if (*received < sizeof(header) || header.parts > kMostParts) return Malformed();
  message.text.resize(*received - sizeof(header));
  for (std::uint64_t i = 0; i < header.parts; ++i) {
    GPEN_ASSIGN_OR_RETURN(auto part, ReceivePart(socket_.get(), header.sizes[i]));
    message.parts.push_back(std::move(part));
  }
  return std::optional(std::move(message));
}

}  // namespace gpen::sandbox
