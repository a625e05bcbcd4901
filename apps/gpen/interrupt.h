// Ctrl-C and SIGTERM as a stop token: work ends at the next step, cleanly. A second one ends at
// once.
#pragma once

#include <stop_token>
#include <thread>

namespace gpen::app {

/// Construct one in main's thread before any other thread starts.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace gpen::app
