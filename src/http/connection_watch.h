// ConnectionWatch: ends connections that drip, and wakes those that wait.
//
// libmicrohttpd ends connections that are silent; a client that sends one byte now and then needs
// this: a header must be complete in time, and a body must keep a least rate. Counts the
// connections on the way. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/connection_counts.h"
#include "http/connection_gate.h"

namespace gpen::http {

/// One TCP connection, as long as it is open.
struct ConnectionRecord {
  enum class Phase : std::uint8_t { kHeader, kBody, kAnswer };

  explicit ConnectionRecord(int socket_descriptor) : socket(socket_descriptor) {
    Enter(Phase::kHeader);
  }

  void Enter(Phase next) {
    body_bytes = 0;
    since = std::chrono::steady_clock::now().time_since_epoch().count();
    phase = next;
  }

  const int socket;
  std::atomic<Phase> phase;
  std::atomic<std::chrono::steady_clock::rep> since;
  std::atomic<std::int64_t> body_bytes = 0;
};

class ConnectionWatch {
 public:
  struct Limits {
    std::chrono::seconds header_time{60};
    std::chrono::seconds body_grace{30};
    std::int64_t body_bytes_per_second = 512;
    std::chrono::seconds wake_interval{15};
  };

  ConnectionWatch(const Limits& limits, std::shared_ptr<ConnectionCounts> counts);

  ConnectionRecord* Add(int socket);
  /// Call before the socket is closed.
  void Remove(const ConnectionRecord* record);
  void AddGate(const std::shared_ptr<ConnectionGate>& gate);
  void RemoveGate(const std::shared_ptr<ConnectionGate>& gate);

  /// Ends all waiting, for good.
  void EndAll();

 private:
  void Run(std::stop_token stop);
  void EndSlow(std::chrono::steady_clock::time_point now);

  const Limits limits_;
  const std::shared_ptr<ConnectionCounts> counts_;
  std::mutex mutex_;
  std::list<ConnectionRecord> records_;
  std::list<std::shared_ptr<ConnectionGate>> gates_;
  bool ended_ = false;
  std::jthread thread_;  // Last: it uses everything above.
};

}  // namespace gpen::http
