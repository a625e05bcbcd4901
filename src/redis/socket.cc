#include "redis/socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace gpen::redis {
namespace {

Error Unreachable(const Address& address, std::string_view why) {
  return Error(ErrorCode::kUnavailable, fmt::format("cannot reach {}: {}", Describe(address), why));
}

Result<Descriptor> ConnectTo(const sockaddr* to, socklen_t size, const Address& address,
                             const Deadline& deadline) {
  Descriptor socket(::socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return Unreachable(address, std::strerror(errno));
  if (::connect(socket.get(), to, size) == 0) return socket;
  if (errno != EINPROGRESS && errno != EAGAIN) return Unreachable(address, std::strerror(errno));
  GPEN_ASSIGN_OR_RETURN(const bool answered, WaitFor(socket.get(), POLLOUT, deadline));
  if (!answered) return Unreachable(address, "no answer in time");
  int problem = 0;
  socklen_t length = sizeof problem;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &length) != 0) problem = errno;
  if (problem != 0) return Unreachable(address, std::strerror(problem));
  return socket;
}

// A server that vanished without a word is noticed within a minute; requests go out at once.
void Tune(int socket) {
  const int on = 1;
  const int idle_seconds = 30;
  const int interval_seconds = 10;
  const int probes = 3;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

Result<Descriptor> ConnectUnix(const Address& address, const Deadline& deadline) {
  sockaddr_un to = {};
  to.sun_family = AF_UNIX;
  if (address.socket.size() >= sizeof to.sun_path) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("the path of a socket has at most {} bytes: {}",
                             sizeof to.sun_path - 1, address.socket));
  }
  std::copy(address.socket.begin(), address.socket.end(), to.sun_path);
  return ConnectTo(reinterpret_cast<const sockaddr*>(&to), sizeof to, address, deadline);
}

}  // namespace

Error SocketError(const char* what) {
  return Error(ErrorCode::kUnavailable, fmt::format("{}: {}", what, std::strerror(errno)));
}

Result<bool> WaitFor(int socket, short events, const Deadline& deadline) {
  while (true) {
    pollfd entry = {.fd = socket, .events = events, .revents = 0};
    const auto wait = std::min<std::int64_t>(deadline.left().count(), 1 << 30);
    const int ready = ::poll(&entry, 1, static_cast<int>(wait));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return SocketError("waiting for the server");
  }
}

Result<Descriptor> ConnectSocket(const Address& address, const Deadline& deadline) {
  if (!address.socket.empty()) return ConnectUnix(address, deadline);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &list);
  if (failed != 0) return Unreachable(address, ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
  Result<Descriptor> tried = Unreachable(address, "it has no address");
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    tried = ConnectTo(at->ai_addr, at->ai_addrlen, address, deadline);
    if (!tried) continue;
    Tune(tried->get());
    break;
  }
  return tried;
}

}  // namespace gpen::redis
