// Stopwatch: adds the time since its construction, or since the last call, to a step.
#pragma once

#include <chrono>

namespace gpen::restore {

class Stopwatch {
 public:
  void AddTo(double* milliseconds) {
    const auto now = std::chrono::steady_clock::now();
    *milliseconds += std::chrono::duration<double, std::milli>(now - start_).count();
    start_ = now;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace gpen::restore
