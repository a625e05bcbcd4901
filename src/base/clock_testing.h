// FakeClock: a clock that stands still until a test moves it. May be used from any thread.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace gpen {

/// Starts at 2026-01-01 00:00 UTC.
class FakeClock : public Clock {
 public:
  Timestamp Now() const override {
    const std::scoped_lock lock(mutex_);
    return now_;
  }
  Milliseconds Steady() const override {
    const std::scoped_lock lock(mutex_);
    return steady_;
  }
  /// Returns within about a millisecond, so that a waiting thread soon sees Advance().
  void Wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
            Milliseconds duration) const override {
    changed.wait_for(lock, std::min(duration, Milliseconds(1)));
  }

  /// Time passes: both clocks move.
  void Advance(Milliseconds duration) {
    const std::scoped_lock lock(mutex_);
    now_ += duration;
    steady_ += duration;
  }
  /// Somebody sets the machine's clock: the steady one does not move.
  void SetNow(Timestamp now) {
    const std::scoped_lock lock(mutex_);
    now_ = now;
  }

 private:
  mutable std::mutex mutex_;
  Timestamp now_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  Milliseconds steady_{0};
};

}  // namespace gpen
