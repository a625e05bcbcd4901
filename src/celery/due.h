// Due: says when something is due that is done from time to time. One thread.
#pragma once

#include "base/clock.h"

namespace gpen::celery {

class Due {
 public:
  explicit Due(Milliseconds every) : every_(every) {}

  /// At first at once, then `every` after the last time. `now`: of Clock::Steady().
  bool IsNow(Milliseconds now) {
    if (now < next_) return false;
    next_ = now + every_;
    return true;
  }

  /// Due at once, where it could not be done.
  void Again() { next_ = Milliseconds::min(); }

 private:
  Milliseconds every_;
  Milliseconds next_ = Milliseconds::min();
};

}  // namespace gpen::celery
