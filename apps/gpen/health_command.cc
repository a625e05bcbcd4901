#include "gpen/health_command.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

#include "base/descriptor.h"
#include "gpen/configuration_flags.h"

namespace gpen::app {
namespace {

constexpr std::size_t kMostBytes = 8192;  // Of the answer that are looked at.

struct Arguments {
  ConfigurationFlags configuration;
  bool ready = false;
  int seconds = 5;
};

struct Address {
  std::string host;
  std::string port;
};

Error Unreachable(const Address& address, std::string_view why) {
  return {ErrorCode::kUnavailable,
          fmt::format("no answer from {}:{}: {}", address.host, address.port, why)};
}

std::string SystemMessage() { return std::generic_category().message(errno); }

// The service that listens on all addresses is asked on this machine's own.
Address AddressOf(const service::Configuration& configuration) {
  const auto& host = configuration.host;
  return {host == "0.0.0.0" ? "127.0.0.1"
          : host == "::"    ? "::1"
                            : host,
          std::to_string(configuration.port)};
}

Result<Descriptor> Connect(const Address& address, int seconds) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int failed = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &list);
      failed != 0) {
    return Unreachable(address, ::gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
  const timeval limit = {.tv_sec = seconds, .tv_usec = 0};
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    Descriptor connection(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    if (!connection.is_open()) continue;
    ::setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(connection.get(), at->ai_addr, at->ai_addrlen) == 0) return connection;
  }
  return Unreachable(address, SystemMessage());
}

Result<std::string> Get(const Address& address, std::string_view path, int seconds) {
  GPEN_ASSIGN_OR_RETURN(const Descriptor connection, Connect(address, seconds));
  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", path, address.port);
  if (::send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return Unreachable(address, SystemMessage());
  }
  std::string answer;
  char piece[1024];
  while (answer.size() < kMostBytes) {
    const ssize_t got = ::recv(connection.get(), piece, sizeof piece, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unreachable(address, SystemMessage());
    if (got == 0) break;
    answer.append(piece, static_cast<std::size_t>(got));
  }
  return answer;
}

Result<void> Ask(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const auto configuration, Configure(arguments.configuration));
  const Address address = AddressOf(configuration);
  GPEN_ASSIGN_OR_RETURN(const auto answer,
                        Get(address, arguments.ready ? "/readyz" : "/healthz", arguments.seconds));
  if (answer.starts_with("HTTP/1.1 200")) return {};
  const auto body = answer.find("\r\n\r\n");
  return Error(ErrorCode::kUnavailable,
               fmt::format("{}:{} answers \"{}\" {}", address.host, address.port,
                           answer.substr(0, answer.find("\r\n")),
                           body == std::string::npos ? "" : answer.substr(body + 4)));
}

ExitCode RunHealth(const Arguments& arguments) {
  const auto asked = Ask(arguments);
  if (asked) return ExitCode::kOk;
  fmt::print(stderr, "gpen health: {}\n", asked.error().message());
  return TraitsOf(asked.error().code()).exit_code;
}

}  // namespace

void AddHealthCommand(CLI::App* app, ExitCode* exit_code) {
  auto* command =
      app->add_subcommand("health", "Ask the service on this machine whether it is well");
  const auto arguments = std::make_shared<Arguments>();
  AddConfigurationFlags(command,
                        {{"--host", "server.host", "Address that it listens on (0.0.0.0)"},
                         {"--port", "server.port", "Port that it listens on (7860)"}},
                        &arguments->configuration);
  command->add_flag("--ready", arguments->ready,
                    "Also whether it takes photos: disk, queue and networks");
  command->add_option("--timeout", arguments->seconds, "Seconds to wait for an answer")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  command->callback([arguments, exit_code] { *exit_code = RunHealth(*arguments); });
}

}  // namespace gpen::app
