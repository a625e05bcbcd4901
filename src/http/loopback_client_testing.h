// A raw HTTP client for tests: sends the bytes it is given and reads what comes back.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace gpen::http {

class LoopbackClient {
 public:
  /// `source`: the client's own address, 127.0.0.x.
  explicit LoopbackClient(int port, const char* source = "127.0.0.1")
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in own = {};
    own.sin_family = AF_INET;
    ::inet_pton(AF_INET, source, &own.sin_addr);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) {
      throw std::runtime_error("cannot use the client's address");
    }
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect to the server under test");
    }
  }
  LoopbackClient(LoopbackClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  LoopbackClient(const LoopbackClient&) = delete;
  ~LoopbackClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  /// False where the server has closed the connection.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Reads until `mark` has come, the connection ends, or nothing came for 20 s.
  std::string ReadUntil(std::string_view mark) {
    while (mark.empty() || received_.find(mark) == std::string::npos) {
      pollfd wanted = {socket_, POLLIN, 0};
      if (::poll(&wanted, 1, 20'000) <= 0) break;
      std::array<char, 16384> block;
      const ssize_t n = ::recv(socket_, block.data(), block.size(), 0);
      if (n <= 0) {
        closed_ = true;
        break;
      }
      received_.append(block.data(), static_cast<std::size_t>(n));
    }
    return received_;
  }

  /// Everything up to the end of the connection.
  std::string ReadAll() { return ReadUntil(""); }

  /// Sends a request without a body, asks the server to close, and returns the whole answer.
  static std::string Get(int port, std::string_view target, std::string_view headers = "",
                         std::string_view method = "GET") {
    LoopbackClient client(port);
    client.Send(std::string(method) + " " + std::string(target) +
                " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + std::string(headers) +
                "\r\n");
    return client.ReadAll();
  }

  bool closed() const { return closed_; }

 private:
  int socket_;
  std::string received_;
  bool closed_ = false;
};

/// The status of an answer's first line, 0 where there is none.
inline int StatusOf(std::string_view answer) {
  if (!answer.starts_with("HTTP/1.1 ") || answer.size() < 12) return 0;
  return std::stoi(std::string(answer.substr(9, 3)));
}

/// What follows the header.
inline std::string BodyOf(std::string_view answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(answer.substr(end + 4));
}

}  // namespace gpen::http
