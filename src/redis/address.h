// Address: where a Redis server is and who we are there, read from a URL as Celery's clients write
// it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gpen::redis {

struct Address {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string socket = {};  ///< Path of a unix socket; empty: host and port.
  int database = 0;
  std::string user = {};      ///< Of an ACL; empty: the server's default user.
  std::string password = {};  ///< Empty: none is sent.

  bool tls = false;
  bool verify = true;        ///< Whether the server's certificate must be good and name the host.
  std::string ca_file = {};  ///< Empty: the system's certificates.
  std::string certificate_file = {};  ///< Of ours, where the server asks for one.
  std::string key_file = {};

  bool operator==(const Address&) const = default;
};

/// Reads
///   redis://[[user]:password@]host[:port][/database]
///   rediss://... with ?ssl_cert_reqs=required|none, ssl_ca_certs=, ssl_certfile=, ssl_keyfile=
///   redis+socket:///path?virtual_host=database, or unix:///path
/// with %XX in user, password, host and path. Errors: kInvalidArgument; the message does not repeat
/// the password.
Result<Address> ParseAddress(std::string_view url);

/// For people: the URL without the password.
std::string Describe(const Address& address);

}  // namespace gpen::redis
