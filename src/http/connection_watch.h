// ConnectionWatch: shares the connections out, ends those that drip, and wakes those that wait.
//
// libmicrohttpd ends connections that are silent; a client that sends one byte now and then needs
// this: a header must be complete in time, and a body must keep a least rate, which grows with the
// number of bodies that its client sends at once. It also notices when the client of a connection
// that waits has left, which libmicrohttpd does not. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "http/connection_counts.h"
#include "http/connection_gate.h"
#include "http/fair_shares.h"

namespace gpen::http {

/// One TCP connection, as long as it is open.
struct ConnectionRecord {
  enum class Phase : std::uint8_t { kHeader, kBody, kAnswer };

  ConnectionRecord(int socket_descriptor, std::string peer_address)
      : socket(socket_descriptor), peer(std::move(peer_address)), client(peer) {
    Enter(Phase::kHeader);
  }

  void Enter(Phase next) {
    body_bytes = 0;
    since = std::chrono::steady_clock::now().time_since_epoch().count();
    phase = next;
  }

  const int socket;
  const std::string peer;
  std::string client;  ///< The peer, or whom a proxy speaks for. The watch's.
  std::atomic<Phase> phase;
  std::atomic<std::chrono::steady_clock::rep> since;
  std::atomic<std::int64_t> body_bytes = 0;
};

class ConnectionWatch {
 public:
  struct Limits {
    std::chrono::seconds header_time{60};
    std::chrono::seconds body_grace{30};
    std::int64_t body_bytes_per_second = 512;  ///< For each body that the client sends.
    std::chrono::seconds wake_interval{15};
    int connections = 1024;
  };

  ConnectionWatch(const Limits& limits, std::shared_ptr<ConnectionCounts> counts);

  /// Whether one more connection from `peer` is welcome. This machine's own address always finds
  /// a place, as long as the server has one: a health check, or a proxy, which counts its clients.
  bool Admits(const std::string& peer);
  ConnectionRecord* Add(int socket, std::string peer);
  /// A proxy said for whom it speaks.
  void SetClient(ConnectionRecord* record, const std::string& client);
  /// Call before the socket is closed.
  void Remove(const ConnectionRecord* record);
  /// `socket` is the connection's, open until RemoveGate().
  void AddGate(const std::shared_ptr<ConnectionGate>& gate, int socket);
  void RemoveGate(const std::shared_ptr<ConnectionGate>& gate);

  /// Ends all waiting, for good, and gives those who waited a moment to get their answer.
  void EndAll();

 private:
  void Run(std::stop_token stop);
  void EndSlow(std::chrono::steady_clock::time_point now);
  void AbandonThoseWhoLeft();

  struct Gate {
    std::shared_ptr<ConnectionGate> gate;
    int socket;
  };

  const Limits limits_;
  const std::shared_ptr<ConnectionCounts> counts_;
  std::mutex mutex_;
  std::list<ConnectionRecord> records_;
  std::list<Gate> gates_;
  std::set<const ConnectionGate*> owed_;  ///< Waited when all waiting was ended.
  std::condition_variable answered_;
  FairShares shares_;
  bool ended_ = false;
  std::jthread thread_;  // Last: it uses everything above.
};

}  // namespace gpen::http
