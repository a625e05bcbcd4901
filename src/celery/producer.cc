#include "celery/producer.h"

#include "base/random_id.h"
#include "celery/json.h"
#include "celery/message.h"

namespace gpen::celery {
namespace {

// Whoever waits for a task asks often, and others wait for the same connection.
redis::ClientOptions ClientOptionsOf(const char* name) {
  redis::ClientOptions options;
  options.connection.name = name;
  options.connection.connect_timeout = Milliseconds(3'000);
  options.connection.reply_timeout = Milliseconds(5'000);
  options.backoff.longest = Milliseconds(5'000);
  return options;
}

}  // namespace

Producer::Producer(const ProducerOptions& options, const Clock* clock)
    : options_(options),
      broker_client_(options.broker, ClientOptionsOf("gpen-serve")),
      backend_client_(options.backend, ClientOptionsOf("gpen-serve")),
      broker_(&broker_client_, options.keys, options.queue, options.name),
      backend_(&backend_client_, clock, options.keys, options.result_expires) {}

Result<Posted> Producer::Send(const Task& task) {
  auto message = MessageFor(task, options_.name);
  message.routing_key = options_.queue;
  message.delivery_tag = RandomId();
  Posted posted{message.delivery_tag, WriteMessage(message), task.id};
  auto sent = [&]() -> Result<void> {
    GPEN_TRY(broker_.Declare());
    return broker_.Publish("", options_.queue, options_.queue, posted.message, task.priority);
  }();
  if (sent) return posted;
  // It may have been taken before the connection broke.
  Withdraw(posted);
  return std::move(sent).error();
}

void Producer::Withdraw(const Posted& posted) {
  // Whoever seems to be gone may work on it all the same.
  [[maybe_unused]] const auto taken = broker_.TakeAway(posted);
  Revoke(posted.task_id);
  Forget(posted.task_id);
}

// A worker that hears nothing of it finds the state, where it has not begun.
void Producer::Revoke(const std::string& id) {
  [[maybe_unused]] const auto stored = backend_.RevokeUnlessBegun(
      id, {.type = "TaskRevokedError", .messages = {"taken back by its sender"}});
  NewMessage message;
  message.headers = Dump(Json{{"clock", 1}, {"expires", 0}});
  message.body = Dump(Json{{"method", "revoke"},
                           {"arguments", {{"task_id", id}, {"terminate", true}}},
                           {"destination", nullptr}});
  message.exchange = "celery.pidbox";
  [[maybe_unused]] const auto told = broker_client_.Run(
      {"PUBLISH", options_.keys.Channel("celery.pidbox"), WriteMessage(message)});
}

// Where a worker may still write to it, it goes when its time is over.
void Producer::Forget(const std::string& id) {
  [[maybe_unused]] const auto expires =
      backend_client_.Run({"EXPIRE", options_.keys.Result(id), "300"});
}

Result<QueueLengths> Producer::Lengths() {
  QueueLengths lengths;
  GPEN_ASSIGN_OR_RETURN(lengths.waiting, broker_.Length());
  GPEN_ASSIGN_OR_RETURN(lengths.claimed, broker_.CountClaims());
  return lengths;
}

}  // namespace gpen::celery
