// RedisServer: a real redis-server of a test's own, in a folder of its own, on a unix socket and a
// free port of this machine. Tests are skipped where the program is not installed.
#pragma once

#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "base/folder_testing.h"
#include "redis/client.h"

namespace gpen::redis {

/// A port of this machine that nobody listens at.
inline int FreePort() {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

class RedisServer {
 public:
  static bool IsInstalled() { return ::access("/usr/bin/redis-server", X_OK) == 0; }

  /// `more`: further options of the command line.
  explicit RedisServer(std::vector<std::string> more = {}) : more_(std::move(more)) { Start(); }
  ~RedisServer() { Stop(); }
  RedisServer(const RedisServer&) = delete;

  void Start() {
    std::vector<std::string> arguments = {"/usr/bin/redis-server",
                                          "--port",
                                          "0",
                                          "--unixsocket",
                                          socket(),
                                          "--unixsocketperm",
                                          "700",
                                          "--save",
                                          "",
                                          "--dir",
                                          folder_.path().string(),
                                          "--logfile",
                                          (folder_.path() / "log").string()};
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    if (::posix_spawn(&process_, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0) {
      process_ = 0;
      return;
    }
    // Its socket is there before anybody listens.
    for (int i = 0; i < 500 && !Answers(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  void Stop() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
    ::unlink(socket().c_str());
  }

  std::string socket() const { return (folder_.path() / "socket").string(); }
  std::filesystem::path folder() const { return folder_.path(); }
  Address address(int database = 0) const {
    Address address;
    address.socket = socket();
    address.database = database;
    return address;
  }

 private:
  // Also with an error: that a password is wanted.
  bool Answers() const {
    const auto reached = Connection::Open(address(), {});
    return reached || reached.error().code() != ErrorCode::kUnavailable;
  }

  TestFolder folder_;
  std::vector<std::string> more_;
  pid_t process_ = 0;
};

}  // namespace gpen::redis

/// At the beginning of a test that needs one.
#define GPEN_NEEDS_REDIS() \
  if (!gpen::redis::RedisServer::IsInstalled()) GTEST_SKIP() << "redis-server is not installed"
