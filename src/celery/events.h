// Events: what monitors such as Flower see of a worker. Nobody waits for them, and what cannot be
// sent is dropped. Thread-safe.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.h"
#include "celery/json.h"
#include "celery/keys.h"
#include "redis/client.h"

namespace gpen::celery {

class Events {
 public:
  /// `client` and `clock` must outlive this. `worker` is our name.
  Events(redis::Client* client, const Clock* clock, Keys keys, std::string worker);

  /// "worker-heartbeat" with its fields.
  void Send(const std::string& type, Json fields);
  /// The same of a task, unless nobody wants events of tasks.
  void SendOfTask(const std::string& type, Json fields);

  void EnableTasks(bool enabled) { tasks_ = enabled; }
  bool tasks_enabled() const { return tasks_; }
  /// A clock that counts messages (Lamport's), which monitors sort by.
  std::int64_t Tick() { return ++tick_; }
  /// Somebody else's clock was seen.
  void Adjust(std::int64_t seen);

 private:
  redis::Client* client_;
  const Clock* clock_;
  const Keys keys_;
  const std::string worker_;
  std::atomic<bool> tasks_{true};
  std::atomic<std::int64_t> tick_{0};
};

}  // namespace gpen::celery
