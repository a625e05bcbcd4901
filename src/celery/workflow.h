// Workflow: what follows when a task has ended: the next of its chain, callbacks, errbacks, the end
// of a chord. Thread-safe.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "celery/backend.h"
#include "celery/broker.h"
#include "celery/task.h"

namespace gpen::celery {

struct WorkflowOptions {
  std::string default_queue = "celery";  ///< Where tasks go that are not ours and name no queue.
  std::string sender;                    ///< Our name.
  std::function<bool(const std::string& task)> is_ours;
};

/// Errors of every operation: those of Broker and Backend, kInvalidArgument (a signature that makes
/// no sense).
class Workflow {
 public:
  /// Both must outlive this.
  Workflow(Broker* broker, Backend* backend, WorkflowOptions options)
      : broker_(broker), backend_(backend), options_(std::move(options)) {}

  /// Sends what follows success: chain and callbacks, with `result` (JSON). Returns the children as
  /// JSON, for the stored result.
  Result<std::string> SendFollowers(const Task& task, const std::string& result);
  /// Sends the errbacks, with the task's id.
  Result<void> SendErrbacks(const Task& task);
  /// Ends the tasks that would have followed in the chain as failed too, each with `result`.
  Result<void> FailFollowers(const Task& task, const std::string& result);
  /// Counts the task's outcome in its chord, if it is part of one, and sends what the chord ends
  /// with when it is the last. To be repeated after a crash, with the same outcome.
  Result<void> EndPart(const Task& task, const std::string& state, const std::string& result);

 private:
  /// Sends `signature` (JSON) with `argument` (JSON) before its own; returns its id.
  Result<std::string> Send(const std::string& signature, const std::string& argument,
                           const std::string& rest_of_chain, const Task& parent);
  Result<void> FailChord(const std::string& body, const Task& part, const std::string& problem);

  Broker* broker_;
  Backend* backend_;
  WorkflowOptions options_;
};

}  // namespace gpen::celery
