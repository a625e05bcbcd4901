// Backoff: when to try a server again that could not be reached: after pauses that grow. One
// thread.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace gpen::redis {

struct BackoffOptions {
  Milliseconds first{100};
  Milliseconds longest{10'000};
};

class Backoff {
 public:
  explicit Backoff(const BackoffOptions& options) : options_(options) {}

  /// How long there is to wait until the next try; 0: now.
  Milliseconds left() const {
    const auto left = std::chrono::ceil<Milliseconds>(next_ - std::chrono::steady_clock::now());
    return std::max(left, Milliseconds(0));
  }
  void Failed() {
    pause_ = std::min(std::max(pause_ * 2, options_.first), options_.longest);
    next_ = std::chrono::steady_clock::now() + pause_;
  }
  void Succeeded() { *this = Backoff(options_); }

 private:
  BackoffOptions options_;
  Milliseconds pause_{0};
  std::chrono::steady_clock::time_point next_;
};

}  // namespace gpen::redis
