#include "redis/client.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace gpen::redis {
namespace {

// By which the server knows a script.
std::string Sha1(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
  unsigned int size = 0;
  ::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_sha1(), nullptr);
  std::string digits;
  for (unsigned int i = 0; i < size; ++i) digits += fmt::format("{:02x}", digest[i]);
  return digits;
}

Result<Reply> Single(Result<std::vector<Reply>> replies) {
  if (!replies) return std::move(replies).error();
  return std::move(replies->front());
}

}  // namespace

Client::Client(Address address, ClientOptions options)
    : address_(std::move(address)), options_(std::move(options)), backoff_(options_.backoff) {}

Result<std::vector<Reply>> Client::RunRaw(const std::vector<Command>& commands) {
  const std::scoped_lock lock(mutex_);
  if (!connection_) {
    if (const auto wait = backoff_.left(); wait.count() > 0) {
      return Error(ErrorCode::kUnavailable,
                   fmt::format("{} cannot be reached; the next try is in {} ms", Describe(address_),
                               wait.count()));
    }
    auto opened = Connection::Open(address_, options_.connection);
    if (!opened) {
      backoff_.Failed();
      return std::move(opened).error();
    }
    backoff_.Succeeded();
    connection_ = *std::move(opened);
  }
  auto replies = connection_->Run(commands);
  // A master that became a replica: the next connection asks where the master is.
  const bool is_replica =
      replies && std::ranges::any_of(*replies, [](const Reply& reply) {
        return reply.is_error() && reply.text.find("READONLY") != std::string::npos;
      });
  if (!replies || is_replica) connection_.reset();
  return replies;
}

Result<std::vector<Reply>> Client::RunAll(const std::vector<Command>& commands) {
  GPEN_ASSIGN_OR_RETURN(auto replies, RunRaw(commands));
  for (const auto& reply : replies) {
    if (reply.is_error()) return ErrorOfReply(reply.text);
  }
  return replies;
}

Result<Reply> Client::Run(const Command& command) { return Single(RunAll({command})); }

Result<std::vector<Reply>> Client::RunAtomically(const std::vector<Command>& commands) {
  std::vector<Command> all = {{"MULTI"}};
  all.insert(all.end(), commands.begin(), commands.end());
  all.push_back({"EXEC"});
  GPEN_ASSIGN_OR_RETURN(auto replies, RunRaw(all));
  // A command that was refused says why; EXEC then only says that it did nothing.
  for (const auto& reply : replies) {
    if (reply.is_error()) return ErrorOfReply(reply.text);
  }
  auto& outcomes = replies.back().items;
  if (outcomes.size() != commands.size()) {
    return Error(ErrorCode::kUnavailable, "Redis did not run a transaction");
  }
  for (const auto& outcome : outcomes) {
    if (outcome.is_error()) return ErrorOfReply(outcome.text);
  }
  return std::move(outcomes);
}

Result<Reply> Client::RunScript(const Script& script, const std::vector<std::string>& keys,
                                const std::vector<std::string>& arguments) {
  Command command = {"EVALSHA", Sha1(script.text()), std::to_string(keys.size())};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  GPEN_ASSIGN_OR_RETURN(auto replies, RunRaw({command}));
  if (!replies.front().is_error()) return std::move(replies.front());
  if (!replies.front().text.starts_with("NOSCRIPT")) return ErrorOfReply(replies.front().text);
  command[0] = "EVAL";
  command[1] = script.text();
  return Run(command);
}

}  // namespace gpen::redis
