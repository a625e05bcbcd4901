// ConnectionGate: lets a connection wait without a thread until another thread opens the gate.
//
// Internal to the module: includes libmicrohttpd. Wait() belongs to the server's thread, the rest
// to any thread.
#pragma once

#include <microhttpd.h>

#include <chrono>
#include <mutex>

namespace gpen::http {

class ConnectionGate {
 public:
  explicit ConnectionGate(MHD_Connection* connection) : connection_(connection) {}

  /// Suspends the connection; false where the gate was opened since the last Wait(): look again.
  bool Wait() {
    const std::lock_guard lock(mutex_);
    if (opened_ || ended_) {
      opened_ = false;
      return false;
    }
    suspended_ = true;
    since_ = std::chrono::steady_clock::now();
    MHD_suspend_connection(connection_);
    return true;
  }

  /// Lets the connection go on, now or at its next Wait().
  void Open() {
    const std::lock_guard lock(mutex_);
    OpenLocked();
  }

  /// As Open(), for a connection that has waited since before `limit`.
  void OpenIfWaitingSince(std::chrono::steady_clock::time_point limit) {
    const std::lock_guard lock(mutex_);
    if (suspended_ && since_ <= limit) OpenLocked();
  }

  /// No more waiting: the server stops. Whether the connection waited.
  bool End() {
    const std::lock_guard lock(mutex_);
    const bool waited = suspended_;
    ended_ = true;
    OpenLocked();
    return waited;
  }
  bool ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  /// The client of a connection that waits has left: nobody wants the answer any more.
  void Abandon() {
    const std::lock_guard lock(mutex_);
    if (!suspended_) return;
    abandoned_ = true;
    OpenLocked();
  }
  bool abandoned() {
    const std::lock_guard lock(mutex_);
    return abandoned_;
  }
  bool waits() {
    const std::lock_guard lock(mutex_);
    return suspended_;
  }

  /// The request is over; the connection must not be touched any more.
  void Retire() {
    const std::lock_guard lock(mutex_);
    connection_ = nullptr;
    suspended_ = false;
  }

 private:
  void OpenLocked() {
    if (suspended_) {
      suspended_ = false;
      MHD_resume_connection(connection_);
    } else if (connection_ != nullptr) {
      opened_ = true;
    }
  }

  std::mutex mutex_;
  MHD_Connection* connection_;
  bool suspended_ = false;
  bool opened_ = false;
  bool ended_ = false;
  bool abandoned_ = false;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace gpen::http
