// Server: listens, reads requests and hands them to a Router. Plain HTTP/1.1; TLS is the business
// of a proxy in front.
//
// A few threads serve all connections (epoll); a connection that waits, for an event or a late
// answer, costs no thread. Everything that a client can make large has a limit here. Start and stop
// from one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/address_list.h"
#include "http/connection_counts.h"
#include "http/request.h"
#include "http/router.h"

namespace gpen::http {

/// A request that is over, for logs and metrics.
struct FinishedRequest {
  const Request& request;
  int status;  ///< 0: the client broke off before an answer.
  std::int64_t body_bytes;
  std::chrono::nanoseconds duration;
};

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< Address or name to listen on; "::" is IPv6 and IPv4.
  int port = 0;                    ///< 0: any free one.
  int threads = 2;
  int max_connections = 1024;
  int max_connections_per_address = 900;
  std::size_t connection_memory_bytes = 32 << 10;  ///< Bounds a request's header too.
  std::chrono::seconds idle_timeout{30};           ///< A silent connection is closed.
  std::chrono::seconds header_timeout{60};         ///< From connecting to the end of the header.
  std::chrono::seconds body_grace{30};             ///< After it, a body must keep the least rate.
  std::int64_t least_body_bytes_per_second = 512;  ///< Times the bodies that the client sends.
  std::chrono::seconds wake_interval{15};          ///< A waiting BodySource is asked again.
  Fields default_headers;                          ///< For responses that do not set them.
  /// Whose X-Real-IP and X-Forwarded-Proto are believed.
  AddressList trusted_proxies;
  /// What clients may read of an error's text; empty: all.
  std::function<std::string(std::string)> error_text;
  /// Kept up to date while the server runs.
  std::shared_ptr<ConnectionCounts> connection_counts = std::make_shared<ConnectionCounts>();
  /// Called on a server's thread.
  std::function<void(const FinishedRequest&)> on_finished;
};

class Server {
 public:
  /// Errors: kInvalidArgument (host), kConflict (the port is taken), kUnavailable.
  static Result<std::unique_ptr<Server>> Start(ServerOptions options,
                                               std::shared_ptr<const Router> router);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Stops listening, ends event streams, answers what waits with 503 and closes all connections.
  ~Server();

  int port() const;

 private:
  struct Implementation;

  explicit Server(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

/// Whether `address` (of a client, or listened on) can only be reached from this machine.
bool IsLoopback(std::string_view address);

}  // namespace gpen::http
