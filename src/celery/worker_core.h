// WorkerCore: what the parts of a Worker share: connections, the tasks it has, and counts.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "celery/backend.h"
#include "celery/broker.h"
#include "celery/events.h"
#include "celery/task_runner.h"
#include "celery/worker.h"
#include "celery/workflow.h"
#include "redis/client.h"

namespace gpen::celery {

/// A claimed task. It waits for its time, or runs.
struct ActiveTask {
  Delivery delivery;
  Task task;
  std::shared_ptr<TaskContext> context;  ///< Set when it runs.
  bool running = false;
  bool finished = false;  ///< Its thread may be joined.
  Timestamp started = {};
  Milliseconds started_steady{0};
  std::thread thread;
};

/// Ids of tasks that people revoked; the oldest are forgotten.
class RevokedTasks {
 public:
  void Add(const std::string& id);
  bool Contains(const std::string& id) const { return ids_.contains(id); }
  std::vector<std::string> All() const { return {order_.begin(), order_.end()}; }

 private:
  std::set<std::string> ids_;
  std::deque<std::string> order_;
};

class WorkerCore {
 public:
  WorkerCore(WorkerOptions chosen, TaskRunner* task_runner, const Clock* the_clock);

  /// Repeats `step` until it succeeds; false where the worker stops before that.
  bool Persist(const char* what, const std::function<Result<void>()>& step);
  /// Sleeps; false where the worker stops.
  bool Sleep(Milliseconds duration);
  /// Says what is wrong with the server, once, and once that it is over.
  void NoteProblem(const std::string& problem);
  bool stopping() const;
  /// The delivery tags of all tasks that this worker has.
  std::vector<std::string> HeldTags() const;
  /// The running and waiting tasks. Hold the mutex.
  std::shared_ptr<ActiveTask> FindById(const std::string& id) const;
  int Running() const;

  const WorkerOptions options;
  TaskRunner* const runner;
  const Clock* const clock;
  const Timestamp began;
  redis::Client broker_client;
  redis::Client backend_client;
  Broker broker;
  Backend backend;
  Events events;
  Workflow workflow;

  mutable std::mutex mutex;  ///< Guards all below. Not held while calling Redis.
  std::condition_variable changed;
  bool is_stopping = false;
  bool is_consuming = true;
  bool shutdown_asked = false;
  int slots = 1;
  std::map<std::string, std::shared_ptr<ActiveTask>> active;  ///< By delivery tag.
  RevokedTasks revoked;
  WorkerCounts counts;
  std::map<std::string, std::int64_t> totals;  ///< Tasks taken, by name.
  std::string problem;

  std::thread consumer;
  std::thread attendant;
};

/// How often it is looked for claims on which nobody works.
Milliseconds RestoreEvery(const WorkerOptions& options);

}  // namespace gpen::celery
