#include "sandbox/channel.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <system_error>

namespace gpen::sandbox {
namespace {

// A packet: how many parts, the bytes of each, the text.
struct Header {
  std::uint64_t parts = 0;
  std::array<std::uint64_t, Channel::kMostParts> sizes = {};
};
constexpr std::uint64_t kMostBytes = std::uint64_t{8} << 30;

Error System(ErrorCode code, std::string_view what) {
  return {code, fmt::format("{}: {}", what, std::generic_category().message(errno))};
}

Error Malformed() {
  return {ErrorCode::kInternal, "what came from the other process is no message"};
}

// The parts one after the other, in memory that has a descriptor.
Result<Descriptor> Pack(std::span<const std::span<const std::byte>> parts) {
  Descriptor memory(::memfd_create("gpen", MFD_CLOEXEC));
  if (!memory.is_open()) return System(ErrorCode::kOutOfMemory, "cannot hold a message");
  for (auto part : parts) {
    while (!part.empty()) {
      const auto written = ::write(memory.get(), part.data(), part.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return System(ErrorCode::kOutOfMemory, "cannot hold a message");
      part = part.subspan(static_cast<std::size_t>(written));
    }
  }
  return memory;
}

Result<void> ReadAll(int descriptor, std::uint64_t offset, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const auto read = ::pread(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) return Malformed();
    bytes = bytes.subspan(static_cast<std::size_t>(read));
    offset += static_cast<std::uint64_t>(read);
  }
  return {};
}

// Read, not mapped: whoever holds the other end could cut the memory off meanwhile.
Result<std::vector<Bytes>> Unpack(const Header& header, const Descriptor& memory) {
  std::vector<Bytes> parts;
  if (header.parts > Channel::kMostParts) return Malformed();
  if (header.parts == 0) return parts;
  struct stat status = {};
  if (!memory.is_open() || ::fstat(memory.get(), &status) != 0) return Malformed();
  std::uint64_t offset = 0;
  for (std::uint64_t i = 0; i < header.parts; ++i) {
    const std::uint64_t size = header.sizes[i];
    if (size > kMostBytes || offset + size > static_cast<std::uint64_t>(status.st_size)) {
      return Malformed();
    }
    try {
      parts.emplace_back(size);
    } catch (const std::bad_alloc&) {
      return Error(ErrorCode::kOutOfMemory,
                   fmt::format("not enough memory for a message of {} MB", size >> 20));
    }
    GPEN_TRY(ReadAll(memory.get(), offset, parts.back()));
    offset += size;
  }
  return parts;
}

// Waits until something can be read; false where nothing came in time.
Result<bool> WaitFor(int socket, Milliseconds patience) {
  pollfd wanted = {socket, POLLIN, 0};
  const int ready = ::poll(&wanted, 1, static_cast<int>(patience.count()));
  if (ready < 0 && errno != EINTR) return System(ErrorCode::kUnavailable, "cannot wait");
  return ready > 0;
}

// The descriptor that came with a packet, if one did.
Descriptor TakeDescriptor(msghdr* packet) {
  Descriptor taken;
  for (cmsghdr* part = CMSG_FIRSTHDR(packet); part != nullptr; part = CMSG_NXTHDR(packet, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(part), sizeof(descriptor));
    taken = Descriptor(descriptor);
  }
  return taken;
}

}  // namespace

Result<std::pair<Channel, Descriptor>> Channel::MakePair() {
  std::array<int, 2> ends = {};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return System(ErrorCode::kUnavailable, "cannot make a line to another process");
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
  Descriptor memory;
  if (!parts.empty()) {
    GPEN_ASSIGN_OR_RETURN(memory, Pack(parts));
  }

  std::array<iovec, 2> pieces = {{{&header, sizeof(header)}, {}}};
  // sendmsg() reads what an iovec points at and changes none of it.
  pieces[1] = {const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control = {};
  msghdr packet = {};
  packet.msg_iov = pieces.data();
  packet.msg_iovlen = pieces.size();
  if (memory.is_open()) {
    packet.msg_control = control.data();
    packet.msg_controllen = control.size();
    cmsghdr* attached = CMSG_FIRSTHDR(&packet);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(sizeof(int));
    const int descriptor = memory.get();
    std::memcpy(CMSG_DATA(attached), &descriptor, sizeof(descriptor));
  }
  while (::sendmsg(socket_.get(), &packet, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return System(ErrorCode::kUnavailable, "the other process is gone");
  }
  return {};
}

Result<std::optional<Message>> Channel::Receive(Milliseconds patience) {
  GPEN_ASSIGN_OR_RETURN(const bool is_there, WaitFor(socket_.get(), patience));
  if (!is_there) return std::optional<Message>();
  Header header;
  Message message;
  message.text.resize(kMostText);
  std::array<iovec, 2> pieces = {
      {{&header, sizeof(header)}, {message.text.data(), message.text.size()}}};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control = {};
  msghdr packet = {};
  packet.msg_iov = pieces.data();
  packet.msg_iovlen = pieces.size();
  packet.msg_control = control.data();
  packet.msg_controllen = control.size();
  const auto received = ::recvmsg(socket_.get(), &packet, MSG_CMSG_CLOEXEC);
  if (received < 0 && errno == EINTR) return std::optional<Message>();
  const Descriptor memory = TakeDescriptor(&packet);
  if (received <= 0) return Error(ErrorCode::kUnavailable, "the other process is gone");
  if (static_cast<std::size_t>(received) < sizeof(header) || (packet.msg_flags & MSG_TRUNC) != 0) {
    return Malformed();
  }
  message.text.resize(static_cast<std::size_t>(received) - sizeof(header));
  GPEN_ASSIGN_OR_RETURN(message.parts, Unpack(header, memory));
  return std::optional(std::move(message));
}

}  // namespace gpen::sandbox
