#include "redis/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redis/sentinel.h"
#include "redis/socket.h"

namespace gpen::redis {

std::string Encode(const Command& command) {
  std::string bytes = fmt::format("*{}\r\n", command.size());
  for (const auto& argument : command) {
    bytes += fmt::format("${}\r\n", argument.size());
    bytes += argument;
    bytes += "\r\n";
  }
  return bytes;
}

Error ErrorOfReply(const std::string& text) {
  const auto kind = text.substr(0, text.find(' '));
  const auto is_one_of = [&](std::initializer_list<std::string_view> kinds) {
    return std::ranges::find(kinds, kind) != kinds.end();
  };
  auto code = ErrorCode::kInternal;
  if (is_one_of({"NOAUTH", "WRONGPASS", "NOPERM"})) code = ErrorCode::kInvalidArgument;
  if (is_one_of({"LOADING", "OOM", "MISCONF", "READONLY", "BUSY", "MASTERDOWN", "TRYAGAIN",
                 "CLUSTERDOWN", "NOREPLICAS"})) {
    code = ErrorCode::kUnavailable;
  }
  return Error(code, "Redis says: " + text);
}

Result<std::unique_ptr<Connection>> Connection::Open(const Address& address,
                                                     const ConnectionOptions& options) {
  if (!address.sentinels.empty()) {
    GPEN_ASSIGN_OR_RETURN(const auto master, FindMaster(address, options));
    GPEN_ASSIGN_OR_RETURN(auto connection, Open(master, options));
    GPEN_TRY(connection->CheckIsMaster());
    return connection;
  }
  GPEN_ASSIGN_OR_RETURN(auto transport, Transport::Open(address, options.connect_timeout));
  std::unique_ptr<Connection> connection(new Connection(std::move(transport), options));
  auto logged_in = connection->LogIn(address);
  if (!logged_in) return std::move(logged_in).error().WithContext(Describe(address));
  return connection;
}

Result<void> Connection::LogIn(const Address& address) {
  std::vector<Command> commands;
  if (!address.user.empty()) {
    commands.push_back({"AUTH", address.user, address.password});
  } else if (!address.password.empty()) {
    commands.push_back({"AUTH", address.password});
  }
  // A Sentinel has no databases; whether we are let in is to be seen in any case.
  const bool has_database = address.database != 0;
  commands.push_back(has_database ? Command{"SELECT", std::to_string(address.database)}
                                  : Command{"PING"});
  const std::size_t needed = commands.size();
  if (!options_.name.empty()) commands.push_back({"CLIENT", "SETNAME", options_.name});
  GPEN_ASSIGN_OR_RETURN(const auto replies, Run(commands));
  // A user who may not name the connection can work all the same.
  for (std::size_t i = 0; i < needed; ++i) {
    if (replies[i].is_error()) return ErrorOfReply(replies[i].text);
  }
  return {};
}

// A Sentinel learns of a change a little later than the servers do.
Result<void> Connection::CheckIsMaster() {
  const Command role = {"ROLE"};
  GPEN_ASSIGN_OR_RETURN(const auto replies, Run({&role, 1}));
  // Without the right to ask, a server that may not write says so at the first command.
  if (replies[0].is_error() || replies[0].TextAt(0) == "master") return {};
  return Error(ErrorCode::kUnavailable, "the Sentinels name a server that is no master any more");
}

Result<std::vector<Reply>> Connection::Run(std::span<const Command> commands) {
  std::string bytes;
  for (const auto& command : commands) bytes += Encode(command);
  GPEN_TRY(transport_->Write(bytes, options_.reply_timeout));
  std::vector<Reply> replies;
  const Deadline deadline(options_.reply_timeout);
  while (replies.size() < commands.size()) {
    GPEN_ASSIGN_OR_RETURN(auto reply, Receive(deadline.left()));
    if (!reply) return Error(ErrorCode::kUnavailable, "the server does not answer in time");
    replies.push_back(*std::move(reply));
  }
  return replies;
}

Result<void> Connection::Send(const Command& command) {
  return transport_->Write(Encode(command), options_.reply_timeout);
}

Result<std::optional<Reply>> Connection::Receive(Milliseconds timeout) {
  const Deadline deadline(timeout);
  std::array<char, 16 * 1024> space;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(auto reply, parser_.Next());
    if (reply) return reply;
    GPEN_ASSIGN_OR_RETURN(const auto got, transport_->Read(space, deadline.left()));
    if (!got) return std::optional<Reply>();
    parser_.Add({space.data(), *got});
  }
}

}  // namespace gpen::redis
