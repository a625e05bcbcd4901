#include "redis/subscription.h"

#include <thread>

namespace gpen::redis {
namespace {

constexpr Milliseconds kAskAfter{20'000};
constexpr Milliseconds kGiveUpAfter{40'000};

}  // namespace

Subscription::Subscription(Address address, ClientOptions options,
                           std::vector<std::string> patterns)
    : address_(std::move(address)),
      options_(std::move(options)),
      patterns_(std::move(patterns)),
      backoff_(options_.backoff) {}

Result<void> Subscription::Connect() {
  GPEN_ASSIGN_OR_RETURN(auto connection, Connection::Open(address_, options_.connection));
  Command subscribe = {"PSUBSCRIBE"};
  subscribe.insert(subscribe.end(), patterns_.begin(), patterns_.end());
  GPEN_TRY(connection->Send(subscribe));
  connection_ = std::move(connection);
  heard_ = std::chrono::steady_clock::now();
  asked_ = false;
  return {};
}

Result<void> Subscription::KeepAlive() {
  const auto silent = std::chrono::steady_clock::now() - heard_;
  if (silent > kGiveUpAfter) return Error(ErrorCode::kUnavailable, "the server is silent");
  if (silent < kAskAfter || asked_) return {};
  asked_ = true;
  return connection_->Send({"PING"});
}

Result<std::optional<Published>> Subscription::Next(Milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  const auto left = [&] {
    return std::max(std::chrono::ceil<Milliseconds>(until - std::chrono::steady_clock::now()),
                    Milliseconds(0));
  };
  if (!connection_) {
    if (const auto wait = backoff_.left(); wait.count() > 0) {
      std::this_thread::sleep_for(std::min(wait, timeout));
      return std::optional<Published>();
    }
    if (auto connected = Connect(); !connected) {
      backoff_.Failed();
      return std::move(connected).error();
    }
    backoff_.Succeeded();
  }
  while (true) {
    auto reply = connection_->Receive(left());
    if (reply && *reply) {
      heard_ = std::chrono::steady_clock::now();
      asked_ = false;
      if ((*reply)->is_error()) reply = ErrorOfReply((*reply)->text);
    }
    if (reply && !*reply) {
      auto alive = KeepAlive();
      if (alive) return std::optional<Published>();
      reply = std::move(alive).error();
    }
    if (!reply) {
      connection_.reset();
      backoff_.Failed();
      return std::move(reply).error();
    }
    // ["pmessage", pattern, channel, payload]; all others are answers to PSUBSCRIBE and PING.
    if ((*reply)->items.size() == 4 && (*reply)->items[0].text == "pmessage") {
      return std::optional(Published{(*reply)->TextAt(2), (*reply)->TextAt(3)});
    }
  }
}

}  // namespace gpen::redis
