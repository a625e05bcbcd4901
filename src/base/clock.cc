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

Timestamp FakeClock::Now() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

Milliseconds FakeClock::Steady() const {
  const std::scoped_lock lock(mutex_);
  return steady_;
}

void FakeClock::Wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                     Milliseconds duration) const {
  changed.wait_for(lock, std::min(duration, Milliseconds(1)));
}

void FakeClock::Advance(Milliseconds duration) {
  const std::scoped_lock lock(mutex_);
  now_ += duration;
  steady_ += duration;
}

void FakeClock::SetNow(Timestamp now) {
  const std::scoped_lock lock(mutex_);
  now_ = now;
}

}  // namespace gpen
