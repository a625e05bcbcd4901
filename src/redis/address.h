// Address: where a Redis server is, or which Sentinels know it, and who we are there; read from a
// URL as Celery's clients write it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpen::redis {

struct Endpoint {
  std::string host = "127.0.0.1";
  int port = 26379;

  bool operator==(const Endpoint&) const = default;
};

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

  /// Sentinels, each of which knows where the master is; then host and port say nothing.
  std::vector<Endpoint> sentinels = {};
  std::string master_name = {};  ///< What the Sentinels call the set of servers.
  std::string sentinel_user = {};
  std::string sentinel_password = {};

  bool operator==(const Address&) const = default;
};

/// Reads
///   redis://[[user]:password@]host[:port][/database]
///   rediss://... with ?ssl_cert_reqs=required|none, ssl_ca_certs=, ssl_certfile=, ssl_keyfile=
///   redis+socket:///path?virtual_host=database, or unix:///path
///   sentinel://[[user]:password@]host[:port][/database]?master_name=name
/// with %XX in user, password, host and path. Errors: kInvalidArgument; the message does not repeat
/// the password. Further Sentinels follow as ",host[:port]" or, as kombu has them,
/// ";sentinel://host[:port]"; sentinel_username= and sentinel_password= are for them, and a
/// parameter ssl_... means TLS to them and to the server.
Result<Address> ParseAddress(std::string_view url);

/// For people: the URL without the password.
std::string Describe(const Address& address);

}  // namespace gpen::redis
