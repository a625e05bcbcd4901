#include "redis/tls_transport.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace gpen::redis {
namespace {

std::string Reason() {
  const unsigned long code = ::ERR_get_error();
  ::ERR_clear_error();
  if (code == 0) return "the connection was closed";
  std::array<char, 256> text = {};
  ::ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

Error Failed(std::string_view what) {
  return Error(ErrorCode::kUnavailable, fmt::format("TLS: {}: {}", what, Reason()));
}

using Context = std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&::SSL_free)>;

Error Unreadable(std::string_view what, const std::string& file) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("TLS: cannot read the {} in {}: {}", what, file, Reason()));
}

Result<Context> MakeContext(const Address& address) {
  Context context(::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free);
  if (!context) return Failed("no context");
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (address.verify) {
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const bool loaded =
        address.ca_file.empty()
            ? ::SSL_CTX_set_default_verify_paths(context.get()) == 1
            : ::SSL_CTX_load_verify_file(context.get(), address.ca_file.c_str()) == 1;
    if (!loaded) return Unreadable("certificates", address.ca_file);
  }
  if (!address.certificate_file.empty()) {
    if (::SSL_CTX_use_certificate_chain_file(context.get(), address.certificate_file.c_str()) !=
        1) {
      return Unreadable("certificate", address.certificate_file);
    }
    const auto& key = address.key_file.empty() ? address.certificate_file : address.key_file;
    if (::SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
      return Unreadable("key", key);
    }
  }
  return context;
}

// The certificate must be for this host.
bool ExpectHost(SSL* session, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes = {};
  const bool is_number = ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
                         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
  if (is_number) {
    return ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(session), host.c_str()) == 1;
  }
  return ::SSL_set_tlsext_host_name(session, host.c_str()) == 1 &&
         ::SSL_set1_host(session, host.c_str()) == 1;
}

class TlsTransport : public Transport {
 public:
  TlsTransport(Descriptor socket, Context context, Session session)
      : socket_(std::move(socket)), context_(std::move(context)), session_(std::move(session)) {}

  Result<void> ShakeHands(const Deadline& deadline) {
    while (true) {
      ::ERR_clear_error();
      const int outcome = ::SSL_connect(session_.get());
      if (outcome == 1) return {};
      GPEN_ASSIGN_OR_RETURN(const bool ready, WaitAfter(outcome, "no agreement", deadline));
      if (!ready) return Error(ErrorCode::kUnavailable, "TLS: the server does not answer in time");
    }
  }

  Result<void> Write(std::string_view bytes, Milliseconds timeout) override {
    const Deadline deadline(timeout);
    while (!bytes.empty()) {
      ::ERR_clear_error();
      std::size_t sent = 0;
      const int outcome = ::SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent);
      bytes.remove_prefix(sent);
      if (outcome == 1) continue;
      GPEN_ASSIGN_OR_RETURN(const bool ready, WaitAfter(outcome, "sending", deadline));
      if (!ready) return Error(ErrorCode::kUnavailable, "the server takes nothing in time");
    }
    return {};
  }

  Result<std::optional<std::size_t>> Read(std::span<char> space, Milliseconds timeout) override {
    const Deadline deadline(timeout);
    while (true) {
      ::ERR_clear_error();
      std::size_t got = 0;
      const int outcome = ::SSL_read_ex(session_.get(), space.data(), space.size(), &got);
      if (outcome == 1) return std::optional(got);
      GPEN_ASSIGN_OR_RETURN(const bool ready, WaitAfter(outcome, "receiving", deadline));
      if (!ready) return std::optional<std::size_t>();
    }
  }

 private:
  // False where the deadline came first.
  Result<bool> WaitAfter(int outcome, std::string_view what, const Deadline& deadline) {
    switch (::SSL_get_error(session_.get(), outcome)) {
      case SSL_ERROR_WANT_READ:
        return WaitFor(socket_.get(), POLLIN, deadline);
      case SSL_ERROR_WANT_WRITE:
        return WaitFor(socket_.get(), POLLOUT, deadline);
      default:
        break;
    }
    if (const long verified = ::SSL_get_verify_result(session_.get()); verified != X509_V_OK) {
      ::ERR_clear_error();
      return Error(ErrorCode::kUnavailable,
                   fmt::format("TLS: the server's certificate is not good: {}",
                               ::X509_verify_cert_error_string(verified)));
    }
    return Failed(what);
  }

  Descriptor socket_;
  Context context_;
  Session session_;
};

}  // namespace

Result<std::unique_ptr<Transport>> OpenTls(Descriptor socket, const Address& address,
                                           const Deadline& deadline) {
  GPEN_ASSIGN_OR_RETURN(Context context, MakeContext(address));
  Session session(::SSL_new(context.get()), &::SSL_free);
  if (!session || ::SSL_set_fd(session.get(), socket.get()) != 1) return Failed("no session");
  if (address.verify && !ExpectHost(session.get(), address.host)) return Failed(address.host);
  auto transport =
      std::make_unique<TlsTransport>(std::move(socket), std::move(context), std::move(session));
  GPEN_TRY(transport->ShakeHands(deadline));
  return std::unique_ptr<Transport>(std::move(transport));
}

}  // namespace gpen::redis
