// SleepUnlessStopped: a pause of a thread that an end of its work cuts short.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/clock.h"

namespace gpen {

/// Sleeps for `duration`, or until `stop` asks for an end: false then.
inline bool SleepUnlessStopped(Milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace gpen
