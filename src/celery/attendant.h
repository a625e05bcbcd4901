// Attendant: the thread of a Worker that answers remote control, says that the worker lives, renews
// its claims, and puts back what workers held that are gone.
#pragma once

#include "celery/control.h"
#include "celery/worker_core.h"
#include "redis/subscription.h"

namespace gpen::celery {

class Attendant {
 public:
  explicit Attendant(WorkerCore* core);

  /// Goes on until the worker stops.
  void Work();

 private:
  void Listen(Milliseconds duration);
  void Renew();
  void Beat();
  void Restore();

  WorkerCore* core_;
  Control control_;
  redis::Subscription subscription_;
};

/// Makes queue and control known, and says that this worker lives. Errors: those of Broker.
Result<void> DeclareWorker(WorkerCore* core);

}  // namespace gpen::celery
