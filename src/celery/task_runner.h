// TaskRunner: what does the tasks that a Worker takes from the queue; and TaskContext: the running
// task's line back.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "celery/task.h"

namespace gpen::celery {

/// Why a running task is to stop.
enum class StopReason : std::uint8_t {
  kNone,
  kRevoked,    ///< A person, with "terminate".
  kTimeLimit,  ///< It takes too long.
  kShutdown,   ///< The worker ends: somebody else will do it.
  kLost,       ///< Somebody else does it already.
};

/// Thread-safe.
class TaskContext {
 public:
  using Report = std::function<void(const std::string& step, double fraction)>;
  explicit TaskContext(Report report) : report_(std::move(report)) {}

  std::stop_token stop_token() const { return stop_.get_token(); }
  StopReason stop_reason() const { return reason_.load(); }
  /// The first reason stays.
  void RequestStop(StopReason reason) {
    auto none = StopReason::kNone;
    reason_.compare_exchange_strong(none, reason);
    stop_.request_stop();
  }

  /// `step` is for people, `fraction` goes from 0 to 1. Clients see it as the state PROGRESS.
  void Progress(const std::string& step, double fraction) { report_(step, fraction); }

  /// This machine may not do it now: whatever the run returns, another one may take the task.
  void GiveBack() { given_back_ = true; }
  bool is_given_back() const { return given_back_; }

 private:
  Report report_;
  std::stop_source stop_;
  std::atomic<StopReason> reason_{StopReason::kNone};
  std::atomic<bool> given_back_{false};
};

/// Called by several threads.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;

  /// The tasks that it does.
  virtual std::vector<std::string> Names() const = 0;

  /// The least urgent priority that may be claimed now (0 is the most urgent); none: nothing may.
  virtual std::optional<int> LowestPriority() = 0;

  /// Does the task, on a thread of its own, and returns its result as JSON. A retryable error (see
  /// base/error_table.h) is tried again later, perhaps by another worker. May be called again for a
  /// task that was done already, after a crash.
  virtual Result<std::string> Run(const Task& task, TaskContext& context) = 0;
};

}  // namespace gpen::celery
