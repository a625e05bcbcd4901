// Roster: which workers serve a queue now, by the heartbeats that workers of ours send. Heard
// through a connection of its own. Thread-safe, but Listen() is one thread's.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "celery/keys.h"
#include "redis/address.h"
#include "redis/subscription.h"

namespace gpen::celery {

/// What a heartbeat said. A plain value.
struct SeenWorker {
  std::string name = {};
  std::string about = {};          ///< WorkerOptions::about.
  int slots = 0;                   ///< Tasks at the same time.
  int running = 0;                 ///< Tasks now.
  std::optional<int> lowest = {};  ///< The least urgent priority that it takes now; none: nothing.
  Milliseconds heard{0};           ///< Steady time.
};

class Roster {
 public:
  /// `clock` must outlive this. A worker that is not heard for `believed` is gone.
  Roster(redis::Address broker, const Keys& keys, std::string queue, const Clock* clock,
         Milliseconds believed = Milliseconds(10'000));

  /// Hears what comes within `duration`; true where a worker came, went, or takes more or less than
  /// before. Errors: kUnavailable and those of Subscription.
  Result<bool> Listen(Milliseconds duration);

  /// By name.
  std::vector<SeenWorker> Living() const;

  /// Reads one event; true as Listen(). Anybody may send one: what makes no sense is passed over.
  bool Hear(std::string_view message);

 private:
  bool DropSilent();

  const std::string queue_;
  const Clock* clock_;
  const Milliseconds believed_;
  redis::Subscription subscription_;
  mutable std::mutex mutex_;  // Guards the one below.
  std::map<std::string, SeenWorker> seen_;
};

}  // namespace gpen::celery
