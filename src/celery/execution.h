// Execution: one claimed message from its claim to its acknowledgement.
//
// In this order, so that a crash at any step loses nothing: what follows is sent, the result is
// stored, the chord counts the part, the message is acknowledged.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "celery/worker_core.h"

namespace gpen::celery {

class Execution {
 public:
  Execution(WorkerCore* core, std::shared_ptr<ActiveTask> active)
      : core_(core), active_(std::move(active)), task_(active_->task) {}

  /// Reads the message, and settles it where there is nothing to do: true where there is.
  bool Prepare();
  /// Does the task, which is prepared and whose context is set, and settles it.
  void Run();
  /// Ends it as revoked, before it ran or after it stopped. `reason`: "revoked", "expired",
  /// "terminated".
  void EndAsRevoked(const std::string& reason);
  /// Puts the message back.
  void GiveBack();

 private:
  void SetTask(Task task);
  bool SettleKnown();
  void EndAsSuccess(const std::string& result, double seconds);
  void EndAsFailure(const Failure& failure);
  void EndAsLimit();
  void Retry(const Error& error);
  /// The stored state came first: the chord counts that one.
  bool Finish(const std::string& state, const std::string& result, const std::string& children);
  bool Follow(const char* what, const std::function<Result<void>()>& step);
  void Acknowledge();
  void Tell(const char* type, Json fields);

  WorkerCore* core_;
  std::shared_ptr<ActiveTask> active_;
  Task& task_;
};

}  // namespace gpen::celery
