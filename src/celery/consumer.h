// Consumer: the thread of a Worker that claims messages and starts tasks.
#pragma once

#include <memory>

#include "celery/due.h"
#include "celery/worker_core.h"

namespace gpen::celery {

class Consumer {
 public:
  explicit Consumer(WorkerCore* core) : core_(core), unheld_(RestoreEvery(core->options)) {}

  /// Goes on until the worker stops; then all tasks have been given back or have ended.
  void Work();

 private:
  void Tick();
  void JoinFinished();
  void EnforceLimits();
  void StartDue();
  void GiveBackUnheld();
  void ClaimWhileThereIsRoom();
  bool HasRoom() const;
  void Take(Delivery delivery);
  void StartTask(const std::shared_ptr<ActiveTask>& active);
  void Forget(const std::shared_ptr<ActiveTask>& active);
  void StopAll();

  WorkerCore* core_;
  Due unheld_;
};

}  // namespace gpen::celery
