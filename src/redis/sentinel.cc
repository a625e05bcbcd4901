#include "redis/sentinel.h"

#include <fmt/format.h>

#include <charconv>

namespace gpen::redis {
namespace {

Address AddressOf(const Endpoint& sentinel, const Address& address) {
  Address own = address;
  own.sentinels.clear();
  own.host = sentinel.host;
  own.port = sentinel.port;
  own.user = address.sentinel_user;
  own.password = address.sentinel_password;
  own.database = 0;
  return own;
}

Result<Address> Ask(const Endpoint& sentinel, const Address& address,
                    const ConnectionOptions& options) {
  const auto own = AddressOf(sentinel, address);
  GPEN_ASSIGN_OR_RETURN(const auto connection, Connection::Open(own, options));
  const Command command = {"SENTINEL", "get-master-addr-by-name", address.master_name};
  GPEN_ASSIGN_OR_RETURN(const auto replies, connection->Run({&command, 1}));
  if (replies[0].is_error()) return ErrorOfReply(replies[0].text);
  if (replies[0].items.size() != 2) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("it watches no master with the name \"{}\"", address.master_name));
  }
  Address master = address;
  master.sentinels.clear();
  master.host = replies[0].TextAt(0);
  const std::string port = replies[0].TextAt(1);
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), master.port);
  if (master.host.empty() || parsed.ec != std::errc() || master.port < 1 || master.port > 65535) {
    return Error(ErrorCode::kUnavailable, "it gives no address for the master");
  }
  return master;
}

}  // namespace

Result<Address> FindMaster(const Address& address, const ConnectionOptions& options) {
  std::string problems;
  for (const auto& sentinel : address.sentinels) {
    auto master = Ask(sentinel, address, options);
    if (master) return master;
    problems += fmt::format("{}{}:{}: {}", problems.empty() ? "" : "; ", sentinel.host,
                            sentinel.port, master.error().message());
  }
  return Error(ErrorCode::kUnavailable, "no Sentinel names the master: " + problems);
}

}  // namespace gpen::redis
