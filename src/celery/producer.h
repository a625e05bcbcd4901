// Producer: hands tasks to a queue and follows what becomes of them, as a client of Celery does;
// and takes back what no worker does. Over connections of its own. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "celery/backend.h"
#include "celery/broker.h"
#include "celery/keys.h"
#include "celery/task.h"
#include "redis/address.h"
#include "redis/client.h"

namespace gpen::celery {

struct ProducerOptions {
  redis::Address broker = {};
  redis::Address backend = {};
  Keys keys = {};
  std::string queue = "gpen";
  std::string name = {};  ///< "gpen-serve@nas".
  Milliseconds result_expires{std::chrono::hours(24)};
};

/// What waits and what is being done.
struct QueueLengths {
  std::int64_t waiting = 0;
  std::int64_t claimed = 0;  ///< In the whole database.
};

/// Errors of every operation: those of redis::Client.
class Producer {
 public:
  /// `clock` must outlive this.
  Producer(const ProducerOptions& options, const Clock* clock);

  /// Makes the queue known, and hands the task in. After an error it may be in the queue all the
  /// same: Withdraw() it.
  Result<Posted> Send(const Task& task);

  /// What is known of a task.
  Result<KnownState> Find(const std::string& id) { return backend_.Find(id); }
  Result<Whereabouts> Locate(const Posted& posted) { return broker_.Locate(posted); }

  /// Nobody needs it any more: its message is taken away, or the worker that has it is told to
  /// stop. As far as the server can be reached; a worker that does it nevertheless does no harm.
  void Withdraw(const Posted& posted);

  /// What became of it has been seen: the server may forget it.
  void Forget(const std::string& id);

  Result<QueueLengths> Lengths();

 private:
  void Revoke(const std::string& id);

  const ProducerOptions options_;
  redis::Client broker_client_;
  redis::Client backend_client_;
  Broker broker_;
  Backend backend_;
};

}  // namespace gpen::celery
