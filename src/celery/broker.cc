#include "celery/broker.h"

#include <fmt/format.h>

#include <utility>

#include "base/random_id.h"
#include "celery/broker_scripts.h"

namespace gpen::celery {
namespace {

constexpr std::int64_t kMostMessageBytes = std::int64_t{12} << 20;

}  // namespace

Broker::Broker(redis::Client* client, Keys keys, std::string queue, std::string incarnation,
               Milliseconds lifetime)
    : client_(client),
      keys_(std::move(keys)),
      queue_(std::move(queue)),
      incarnation_(std::move(incarnation)),
      lifetime_(lifetime) {}

std::vector<std::string> Broker::ClaimKeys() const {
  return {keys_.unacked(), keys_.unacked_index(), keys_.claims(), keys_.attempts()};
}

Result<void> Broker::Declare() {
  GPEN_TRY(client_->Run({"SADD", keys_.Binding(queue_), keys_.Bound(queue_, "", queue_)}));
  return {};
}

Result<Claimed> Broker::Claim(int lowest) {
  auto keys = ClaimKeys();
  keys.push_back(keys_.broken());
  keys.push_back(keys_.Worker(incarnation_));
  for (const int step : keys_.priority_steps) {
    if (step <= lowest) keys.push_back(keys_.List(queue_, step));
  }
  GPEN_ASSIGN_OR_RETURN(
      const auto reply,
      client_->RunScript(ClaimScript(), keys,
                         {incarnation_, RandomId(), std::to_string(kMostMessageBytes), queue_,
                          std::to_string(lifetime_.count())}));
  Claimed claimed;
  if (reply.items.size() != 6) return claimed;
  claimed.was_broken = reply.TextAt(1).empty();
  if (claimed.was_broken) return claimed;
  claimed.delivery = Delivery{.tag = reply.TextAt(1),
                              .message = reply.TextAt(2),
                              .bytes = reply.IntegerAt(5),
                              .task_id = reply.TextAt(3),
                              .attempt = static_cast<int>(reply.IntegerAt(4))};
  return claimed;
}

Result<bool> Broker::Acknowledge(const Delivery& delivery) {
  GPEN_ASSIGN_OR_RETURN(const auto reply,
                        client_->RunScript(AcknowledgeScript(), ClaimKeys(),
                                           {incarnation_, delivery.tag, delivery.task_id}));
  return reply.integer == 1;
}

Result<bool> Broker::Replace(const Delivery& delivery, const std::string& message, int priority) {
  auto keys = ClaimKeys();
  keys.push_back(keys_.List(queue_, keys_.StepOf(priority)));
  GPEN_ASSIGN_OR_RETURN(const auto reply, client_->RunScript(AcknowledgeScript(), keys,
                                                             {incarnation_, delivery.tag,
                                                              delivery.task_id, message}));
  return reply.integer == 1;
}

Result<bool> Broker::GiveBack(const Delivery& delivery) {
  GPEN_ASSIGN_OR_RETURN(const auto reply,
                        client_->RunScript(GiveBackScript(), ClaimKeys(),
                                           {incarnation_, delivery.tag, delivery.task_id}));
  return reply.integer == 1;
}

Result<std::int64_t> Broker::GiveBackUnheld(std::span<const std::string> tags) {
  std::vector<std::string> arguments = {incarnation_};
  arguments.insert(arguments.end(), tags.begin(), tags.end());
  GPEN_ASSIGN_OR_RETURN(const auto reply,
                        client_->RunScript(GiveBackUnheldScript(), ClaimKeys(), arguments));
  return reply.integer;
}

Result<std::vector<std::string>> Broker::Renew(std::span<const std::string> tags) {
  GPEN_TRY(client_->Run(
      {"SET", keys_.Worker(incarnation_), queue_, "PX", std::to_string(lifetime_.count())}));
  std::vector<std::string> lost;
  if (tags.empty()) return lost;
  std::vector<std::string> arguments = {incarnation_};
  arguments.insert(arguments.end(), tags.begin(), tags.end());
  GPEN_ASSIGN_OR_RETURN(
      const auto reply,
      client_->RunScript(RenewScript(), {keys_.unacked_index(), keys_.claims()}, arguments));
  for (const auto& item : reply.items) lost.push_back(item.text);
  return lost;
}

Result<std::int64_t> Broker::RestoreOfTheGone() {
  GPEN_ASSIGN_OR_RETURN(const auto reply,
                        client_->RunScript(RestoreScript(), ClaimKeys(), {keys_.Worker("")}));
  return reply.integer;
}

Result<void> Broker::SayGone(const std::string& incarnation) {
  GPEN_TRY(client_->Run({"DEL", keys_.Worker(incarnation)}));
  return {};
}

// As kombu routes: without an exchange the routing key is the queue.
Result<std::vector<std::string>> Broker::QueuesOf(const std::string& exchange,
                                                  const std::string& routing_key) {
  if (exchange.empty()) return std::vector{routing_key};
  GPEN_ASSIGN_OR_RETURN(const auto reply, client_->Run({"SMEMBERS", keys_.Binding(exchange)}));
  std::vector<std::string> queues;
  for (const auto& item : reply.items) {
    const auto first = item.text.find(keys_.separator);
    const auto last = item.text.rfind(keys_.separator);
    if (first == std::string::npos || item.text.substr(0, first) != routing_key) continue;
    queues.push_back(item.text.substr(last + keys_.separator.size()));
  }
  if (!queues.empty()) return queues;
  return Error(
      ErrorCode::kNotFound,
      fmt::format("no queue is bound to the exchange \"{}\" by \"{}\"", exchange, routing_key));
}

Result<void> Broker::Publish(const std::string& exchange, const std::string& routing_key,
                             const std::string& queue, const std::string& message, int priority) {
  std::vector<std::string> queues = {queue};
  if (queue.empty()) {
    GPEN_ASSIGN_OR_RETURN(queues, QueuesOf(exchange, routing_key));
  }
  std::vector<redis::Command> commands;
  for (const auto& to : queues) {
    commands.push_back({"LPUSH", keys_.List(to, keys_.StepOf(priority)), message});
  }
  GPEN_TRY(client_->RunAtomically(commands));
  return {};
}

std::vector<std::string> Broker::ClaimKeysAndLists() const {
  auto keys = ClaimKeys();
  for (const int step : keys_.priority_steps) keys.push_back(keys_.List(queue_, step));
  return keys;
}

Result<Whereabouts> Broker::Locate(const Posted& posted) {
  GPEN_ASSIGN_OR_RETURN(const auto reply,
                        client_->RunScript(WhereScript(), ClaimKeysAndLists(),
                                           {keys_.Worker(""), posted.tag, posted.message}));
  using Place = Whereabouts::Place;
  const auto place = reply.TextAt(0);
  Whereabouts found;
  if (place == "waiting") found.place = Place::kWaiting;
  if (place == "claimed") found = {Place::kClaimed, reply.TextAt(1)};
  if (place == "gone") found = {Place::kGone, reply.TextAt(1)};
  return found;
}

Result<bool> Broker::TakeAway(const Posted& posted) {
  GPEN_ASSIGN_OR_RETURN(const auto reply, client_->RunScript(TakeAwayScript(), ClaimKeysAndLists(),
                                                             {keys_.Worker(""), posted.tag,
                                                              posted.message, posted.task_id}));
  return reply.integer == 1;
}

Result<std::int64_t> Broker::CountClaims() {
  GPEN_ASSIGN_OR_RETURN(const auto reply, client_->Run({"HLEN", keys_.claims()}));
  return reply.integer;
}

Result<std::int64_t> Broker::Length() {
  std::vector<redis::Command> commands;
  for (const int step : keys_.priority_steps)
    commands.push_back({"LLEN", keys_.List(queue_, step)});
  GPEN_ASSIGN_OR_RETURN(const auto replies, client_->RunAll(commands));
  std::int64_t length = 0;
  for (const auto& reply : replies) length += reply.integer;
  return length;
}

}  // namespace gpen::celery
