// Exchange: one request and its answer, driven by libmicrohttpd's callbacks.
//
// Internal to the module. Belongs to the server's thread that owns the connection; only the slot
// for a late answer is shared.
#pragma once

#include <microhttpd.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "http/connection_gate.h"
#include "http/connection_watch.h"
#include "http/router.h"
#include "http/server.h"

namespace gpen::http {

/// "192.168.1.7", "::1"; an IPv4 address within IPv6 as itself.
std::string AddressText(const sockaddr* address);

/// Whether the library refuses lines that end without a carriage return.
inline constexpr bool kLibraryChecksLineEnds = MHD_VERSION >= 0x01000000;

class Exchange {
 public:
  /// What all exchanges of a server share.
  struct Context {
    const ServerOptions* options;
    const Router* router;
    ConnectionWatch* watch;
  };

  Exchange(const Context* context, MHD_Connection* connection, std::string raw_target);
  ~Exchange();

  /// As the client wrote them: where they lie tells how long the header is.
  struct RequestLine {
    const char* method;
    const char* version;
  };

  /// The access handler: called when the header is complete, for each piece of the body, at its
  /// end, and whenever the connection was resumed.
  MHD_Result Handle(const RequestLine& line, const char* data, std::size_t* size);

 private:
  struct Slot {
    std::mutex mutex;
    std::optional<Response> response;
    bool sent = false;
    bool left = false;  ///< The client is gone.
  };

  MHD_Result Begin(const RequestLine& line);
  Result<void> ReadRequest(const RequestLine& line);
  void ReadProxy();
  MHD_Result Refuse(Response response, std::int64_t expected_bytes);
  MHD_Result TakeBody(std::span<const std::byte> bytes);
  MHD_Result Answer();
  MHD_Result Queue(Response response);
  void SendNow(Response response);
  void HideFromClients(Response* response) const;
  Responder MakeResponder() const;

  const Context* context_;
  MHD_Connection* connection_;
  ConnectionRecord* record_ = nullptr;
  std::shared_ptr<ConnectionGate> gate_;
  std::shared_ptr<Slot> slot_ = std::make_shared<Slot>();
  std::string raw_target_;
  Request request_;
  std::unique_ptr<BodyReader> reader_;
  bool begun_ = false;
  bool finished_ = false;
  bool answered_early_ = false;
  int status_ = 0;
  std::int64_t body_bytes_ = 0;
  std::int64_t discarded_bytes_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace gpen::http
