// Clock: the time of day, a time that never jumps, and waiting, as a dependency that tests replace.
//
// SystemClock is the machine's; FakeClock stands still until a test moves it. Both may be used from
// any thread.
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

/// For tests. Starts at 2026-01-01 00:00 UTC.
class FakeClock : public Clock {
 public:
  Timestamp Now() const override;
  Milliseconds Steady() const override;
  /// Returns within about a millisecond, so that a waiting thread soon sees Advance().
  void Wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
            Milliseconds duration) const override;

  /// Time passes: both clocks move.
  void Advance(Milliseconds duration);
  /// Somebody sets the machine's clock: the steady one does not move.
  void SetNow(Timestamp now);

 private:
  mutable std::mutex mutex_;
  Timestamp now_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  Milliseconds steady_{0};
};

}  // namespace gpen
