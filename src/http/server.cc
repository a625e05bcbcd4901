#include "http/server.h"

#include <fmt/format.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "http/connection_watch.h"
#include "http/exchange.h"

namespace gpen::http {
namespace {

constexpr int kBacklog = 256;
constexpr int kOwnPlaces = 16;  // Beyond the others', for this machine's own health checks.
// From version 1.0 on the library is as strict as CheckForm(), also about line ends; older ones
// leave more to us, and so we answer in our own way.
constexpr int kStrictness = kLibraryChecksLineEnds ? 1 : 0;

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};

Error ListenError(const ServerOptions& options, int error_number) {
  if (error_number == EADDRINUSE) {
    return Error(
        ErrorCode::kConflict,
        fmt::format("port {} of {} is taken by another program: stop it, or choose another "
                    "port with --port",
                    options.port, options.host));
  }
  return Error(ErrorCode::kUnavailable, fmt::format("cannot listen on {} port {}: {}", options.host,
                                                    options.port, std::strerror(error_number)));
}

Result<int> Listen(const ServerOptions& options) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failure =
      ::getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found);
  if (failure != 0) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("cannot listen on host \"{}\": expected an address of this machine, such "
                    "as 0.0.0.0 or 127.0.0.1 ({})",
                    options.host, ::gai_strerror(failure)));
  }
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
  const int listener = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return ListenError(options, errno);
  const int on = 1;
  const int off = 0;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (found->ai_family == AF_INET6) {
    ::setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (::bind(listener, found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(listener, kBacklog) != 0) {
    const auto error = ListenError(options, errno);
    ::close(listener);
    return error;
  }
  return listener;
}

int PortOf(int listener) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

// Targets are decoded by ParseTarget, not by libmicrohttpd.
std::size_t LeaveEscaped(void*, MHD_Connection*, char* text) { return std::strlen(text); }

// Exceptions must not reach libmicrohttpd, which is C: lack of memory ends the connection and not
// the program.
void* BeginExchange(void* context, const char* uri, MHD_Connection* connection) {
  try {
    return new Exchange(static_cast<const Exchange::Context*>(context), connection, uri);
  } catch (...) {
    return nullptr;
  }
}

MHD_Result HandleRequest(void*, MHD_Connection*, const char*, const char* method,
                         const char* version, const char* data, std::size_t* size,
                         void** exchange) {
  if (*exchange == nullptr) return MHD_NO;
  try {
    return static_cast<Exchange*>(*exchange)->Handle({method, version}, data, size);
  } catch (...) {
    return MHD_NO;
  }
}

void EndExchange(void*, MHD_Connection*, void** exchange, MHD_RequestTerminationCode) {
  delete static_cast<Exchange*>(*exchange);
  *exchange = nullptr;
}

MHD_Result AdmitConnection(void* watch, const sockaddr* address, socklen_t) {
  try {
    return static_cast<ConnectionWatch*>(watch)->Admits(AddressText(address)) ? MHD_YES : MHD_NO;
  } catch (...) {
    return MHD_NO;
  }
}

void WatchConnection(void* cls, MHD_Connection* connection, void** record,
                     MHD_ConnectionNotificationCode code) {
  auto* watch = static_cast<ConnectionWatch*>(cls);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const auto* socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const auto* peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *record = watch->Add(socket->connect_fd, AddressText(peer->client_addr));
  } else {
    watch->Remove(static_cast<ConnectionRecord*>(*record));
    *record = nullptr;
  }
}

// Its messages are about single misbehaving clients, which the access log shows already.
void IgnoreLog(void*, const char*, va_list) {}

}  // namespace

struct Server::Implementation {
  Implementation(ServerOptions server_options, std::shared_ptr<const Router> server_router)
      : options(std::move(server_options)),
        router(std::move(server_router)),
        watch({options.header_timeout, options.body_grace, options.least_body_bytes_per_second,
               options.wake_interval, options.max_connections},
              options.connection_counts),
        context{&options, router.get(), &watch} {}

  ServerOptions options;
  std::shared_ptr<const Router> router;
  ConnectionWatch watch;
  Exchange::Context context;
  MHD_Daemon* daemon = nullptr;
  int port = 0;
};

Server::Server(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Result<std::unique_ptr<Server>> Server::Start(ServerOptions options,
                                              std::shared_ptr<const Router> router) {
  auto state = std::make_unique<Implementation>(std::move(options), std::move(router));
  const ServerOptions& chosen = state->options;
  GPEN_ASSIGN_OR_RETURN(const int listener, Listen(chosen));
  state->port = PortOf(listener);
  state->daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0,
      &AdmitConnection, &state->watch, &HandleRequest, nullptr,  //
      MHD_OPTION_EXTERNAL_LOGGER, &IgnoreLog, nullptr,           //
      MHD_OPTION_LISTEN_SOCKET, listener,                        //
      MHD_OPTION_THREAD_POOL_SIZE, static_cast<unsigned>(chosen.threads > 1 ? chosen.threads : 0),
      MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(chosen.max_connections + kOwnPlaces),
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, static_cast<unsigned>(chosen.max_connections_per_address),
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, chosen.connection_memory_bytes,
      MHD_OPTION_CONNECTION_TIMEOUT, static_cast<unsigned>(chosen.idle_timeout.count()),
      MHD_OPTION_STRICT_FOR_CLIENT, kStrictness,                      //
      MHD_OPTION_UNESCAPE_CALLBACK, &LeaveEscaped, nullptr,           //
      MHD_OPTION_URI_LOG_CALLBACK, &BeginExchange, &state->context,   //
      MHD_OPTION_NOTIFY_COMPLETED, &EndExchange, nullptr,             //
      MHD_OPTION_NOTIFY_CONNECTION, &WatchConnection, &state->watch,  //
      MHD_OPTION_END);
  if (state->daemon == nullptr) {
    ::close(listener);
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot start the server on {} port {}: {}", chosen.host, chosen.port,
                             std::strerror(errno)));
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server() {
  // libmicrohttpd must not be stopped while a connection is suspended; none is from here on. Its
  // listener is left to it: taken away by MHD_quiesce_daemon() it may abort the program, since its
  // own thread takes it away at the same time.
  implementation_->watch.EndAll();
  MHD_stop_daemon(implementation_->daemon);
}

int Server::port() const { return implementation_->port; }

bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

}  // namespace gpen::http
