#include "gpen/interrupt.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/error_table.h"

namespace gpen::app {
namespace {

// Sent to the waiter by the destructor.
constexpr int kWakeUp = SIGUSR1;

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, kWakeUp}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

Interrupt::Interrupt() {
  // Blocked here, and so in every thread started later: only the waiter takes them.
  const sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  waiter_ = std::jthread([this](std::stop_token end) {
    const sigset_t awaited = Signals();
    while (!end.stop_requested()) {
      int signal = 0;
      if (sigwait(&awaited, &signal) != 0 || signal == kWakeUp) continue;
      if (source_.stop_requested()) ::_exit(static_cast<int>(ExitCode::kInterrupted));
      // Not by fmt, which throws where nobody reads any more.
      std::fputs("\nstopping after this step; once more ends at once\n", stderr);
      source_.request_stop();
    }
  });
}

Interrupt::~Interrupt() {
  waiter_.request_stop();
  pthread_kill(waiter_.native_handle(), kWakeUp);
}

}  // namespace gpen::app
