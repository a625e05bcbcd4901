#include "redis/transport.h"

#include <sys/socket.h>

#include <cerrno>

#include "redis/socket.h"
#include "redis/tls_transport.h"

namespace gpen::redis {
namespace {

class PlainTransport : public Transport {
 public:
  explicit PlainTransport(Descriptor socket) : socket_(std::move(socket)) {}

  Result<void> Write(std::string_view bytes, Milliseconds timeout) override {
    const Deadline deadline(timeout);
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return SocketError("sending");
      GPEN_ASSIGN_OR_RETURN(const bool ready, WaitFor(socket_.get(), POLLOUT, deadline));
      if (!ready) return Error(ErrorCode::kUnavailable, "the server takes nothing in time");
    }
    return {};
  }

  Result<std::optional<std::size_t>> Read(std::span<char> space, Milliseconds timeout) override {
    const Deadline deadline(timeout);
    while (true) {
      const ssize_t got = ::recv(socket_.get(), space.data(), space.size(), 0);
      if (got > 0) return std::optional(static_cast<std::size_t>(got));
      if (got == 0) return Error(ErrorCode::kUnavailable, "the server closed the connection");
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return SocketError("receiving");
      GPEN_ASSIGN_OR_RETURN(const bool ready, WaitFor(socket_.get(), POLLIN, deadline));
      if (!ready) return std::optional<std::size_t>();
    }
  }

 private:
  Descriptor socket_;
};

}  // namespace

Result<std::unique_ptr<Transport>> Transport::Open(const Address& address, Milliseconds timeout) {
  const Deadline deadline(timeout);
  GPEN_ASSIGN_OR_RETURN(Descriptor socket, ConnectSocket(address, deadline));
  if (address.tls) return OpenTls(std::move(socket), address, deadline);
  return std::unique_ptr<Transport>(std::make_unique<PlainTransport>(std::move(socket)));
}

}  // namespace gpen::redis
