// Worker: takes tasks from a queue of Celery and lets a TaskRunner do them, as a worker of Celery
// would: states, retries, time limits, revocation, chains and chords, remote control, events.
//
// A message is claimed only when there is room for it, and acknowledged after its result is stored:
// each task has at least one execution and one visible result. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "celery/keys.h"
#include "celery/task_runner.h"
#include "redis/address.h"

namespace gpen::celery {

struct WorkerOptions {
  redis::Address broker = {};
  redis::Address backend = {};
  Keys keys = {};
  std::string name = {};         ///< "gpen@nas"; unique among the workers that are seen together.
  std::string incarnation = {};  ///< Unique to this run.
  std::string before = {};       ///< The incarnation of an earlier run that is surely gone.
  std::string queue = "gpen";
  std::string default_queue = "celery";  ///< For tasks of chains that are not ours.
  int concurrency = 1;
  int most_concurrency = 16;  ///< For people who let the pool grow.
  int most_attempts = 3;      ///< Claims of a task whose worker died over it.
  int most_retries = 3;       ///< After errors that pass.
  Milliseconds first_retry{10'000};
  Milliseconds result_expires{std::chrono::hours(24)};
  Milliseconds poll{250};
  Milliseconds renew{10'000};     ///< How often it says that it lives...
  Milliseconds lifetime{60'000};  ///< ...and how long that is believed.
  Milliseconds heartbeat{2'000};
  bool allow_shutdown = false;  ///< By remote control.
  std::string error_type = "TaskError";
  std::string error_module = "celery.exceptions";
  std::string about = {};  ///< What producers should know of it, see Roster; any text.
  std::string software = {};
  std::string version = {};
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

struct WorkerCounts {
  int running = 0;
  std::int64_t claimed = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t given_back = 0;
};

class WorkerCore;

class Worker {
 public:
  /// `runner` and `clock` must outlive this.
  Worker(WorkerOptions options, TaskRunner* runner, const Clock* clock);
  ~Worker();

  /// Begins. A broker that cannot be reached is waited for. Errors: kInvalidArgument (it refuses
  /// our password or rights).
  Result<void> Start();

  /// Stops what runs, gives messages back, and returns when all threads have ended.
  void Stop();

  /// Somebody asked for a shutdown by remote control, and may.
  bool shutdown_asked() const;
  WorkerCounts Counts() const;

 private:
  std::unique_ptr<WorkerCore> core_;
};

}  // namespace gpen::celery
