// Clock: the time of day, a time that never jumps, and waiting, as a dependency that tests replace
// (base/clock_testing.h).
//
// SystemClock is the machine's. May be used from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace gpen {

/// A moment of the calendar (UTC), as stored and shown. It jumps when the machine's clock is set.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;

  virtual Timestamp Now() const = 0;

  /// Time since some fixed moment. Never jumps: for pauses and deadlines inside one process.
  virtual Milliseconds Steady() const = 0;

  /// Waits on `changed` for at most `duration`. May return early: callers loop over their condition
  /// and their deadline.
  virtual void Wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                    Milliseconds duration) const = 0;
};

class SystemClock : public Clock {
 public:
  Timestamp Now() const override;
  Milliseconds Steady() const override;
  void Wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
            Milliseconds duration) const override;
};

}  // namespace gpen
