#include "base/clock.h"

#include <algorithm>

namespace gpen {

Timestamp SystemClock::Now() const {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

Milliseconds SystemClock::Steady() const {
  return std::chrono::duration_cast<Milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

void SystemClock::Wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                       Milliseconds duration) const {
  // wait_for adds to the current time: a "for ever" must not overflow.
  changed.wait_for(lock, std::min<Milliseconds>(duration, std::chrono::hours(24)));
}

}  // namespace gpen
