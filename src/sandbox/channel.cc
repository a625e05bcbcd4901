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

#include "base/file.h"

namespace gpen::sandbox {
namespace {

// The first packet of a message: how many parts, the bytes of the text and of each of them. Packets
// with these follow, in order.
struct Header {
  std::uint64_t parts = 0;
  std::uint64_t text = 0;
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

Result<void> SendPacket(int socket, std::span<const std::byte> packet) {
  while (::send(socket, packet.data(), packet.size(), MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return System("the other process is gone");
  }
  return {};
}

Result<void> SendPackets(int socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto packet = bytes.first(std::min(kPacketBytes, bytes.size()));
    GPEN_TRY(SendPacket(socket, packet));
    bytes = bytes.subspan(packet.size());
  }
  return {};
}

// The bytes of one packet. Nothing where the wait was interrupted.
Result<std::optional<std::size_t>> ReceivePacket(int socket, std::span<std::byte> packet) {
  const auto received = ::recv(socket, packet.data(), packet.size(), MSG_TRUNC);
  if (received < 0 && errno == EINTR) return std::optional<std::size_t>();
  if (received < 0) return System("the other process is gone");
  if (received == 0) return Error(ErrorCode::kUnavailable, "the other process is gone");
  const auto size =
      static_cast<std::size_t>(received);  // Of the packet, also where it did not fit.
  if (size > packet.size()) return Malformed();
  return std::optional(size);
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
    const auto piece = std::span(part).subspan(done, std::min(kPacketBytes, part.size() - done));
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
  header.text = text.size();
  for (std::size_t i = 0; i < parts.size(); ++i) header.sizes[i] = parts[i].size();
  GPEN_TRY(SendPacket(socket_.get(), std::as_bytes(std::span(&header, 1))));
  GPEN_TRY(SendPackets(socket_.get(), AsBytes(text)));
  for (const auto part : parts) GPEN_TRY(SendPackets(socket_.get(), part));
  return {};
}

Result<std::optional<Message>> Channel::Receive(Milliseconds patience) {
  GPEN_ASSIGN_OR_RETURN(const bool is_there, WaitFor(socket_.get(), patience));
  if (!is_there) return std::optional<Message>();
  Header header;
  GPEN_ASSIGN_OR_RETURN(
      const auto received,
      ReceivePacket(socket_.get(), std::as_writable_bytes(std::span(&header, 1))));
  if (!received) return std::optional<Message>();
  if (*received != sizeof(header) || header.text > kMostText || header.parts > kMostParts) {
    return Malformed();
  }
  GPEN_ASSIGN_OR_RETURN(const auto text, ReceivePart(socket_.get(), header.text));
  Message message{std::string(AsText(text)), {}};
  for (std::uint64_t i = 0; i < header.parts; ++i) {
    GPEN_ASSIGN_OR_RETURN(auto part, ReceivePart(socket_.get(), header.sizes[i]));
    message.parts.push_back(std::move(part));
  }
  return std::optional(std::move(message));
}

}  // namespace gpen::sandbox
