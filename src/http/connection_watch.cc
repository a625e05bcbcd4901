#include "http/connection_watch.h"

#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>

namespace gpen::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTick{1};

}  // namespace

ConnectionWatch::ConnectionWatch(const Limits& limits, std::shared_ptr<ConnectionCounts> counts)
    : limits_(limits),
      counts_(std::move(counts)),
      thread_([this](std::stop_token stop) { Run(std::move(stop)); }) {}

ConnectionRecord* ConnectionWatch::Add(int socket) {
  const std::lock_guard lock(mutex_);
  ++counts_->open;
  return &records_.emplace_back(socket);
}

void ConnectionWatch::Remove(const ConnectionRecord* record) {
  const std::lock_guard lock(mutex_);
  counts_->open -= static_cast<int>(
      records_.remove_if([record](const ConnectionRecord& other) { return &other == record; }));
}

void ConnectionWatch::AddGate(const std::shared_ptr<ConnectionGate>& gate) {
  const std::lock_guard lock(mutex_);
  gates_.push_back(gate);
  if (ended_) gate->End();
}

void ConnectionWatch::RemoveGate(const std::shared_ptr<ConnectionGate>& gate) {
  const std::lock_guard lock(mutex_);
  gates_.remove(gate);
}

void ConnectionWatch::EndAll() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  for (const auto& gate : gates_) gate->End();
}

void ConnectionWatch::EndSlow(Clock::time_point now) {
  for (auto& record : records_) {
    const Clock::time_point since{Clock::duration(record.since)};
    const auto elapsed = now - since;
    const auto phase = record.phase.load();
    bool slow = phase == ConnectionRecord::Phase::kHeader && elapsed > limits_.header_time;
    if (phase == ConnectionRecord::Phase::kBody && elapsed > limits_.body_grace) {
      const double seconds = std::chrono::duration<double>(elapsed).count();
      slow = static_cast<double>(record.body_bytes) <
             seconds * static_cast<double>(limits_.body_bytes_per_second);
    }
    if (!slow) continue;
    ++counts_->ended_slow;
    record.Enter(ConnectionRecord::Phase::kAnswer);
    // The server's thread sees the end of the connection and closes the socket itself.
    ::shutdown(record.socket, SHUT_RDWR);
  }
}

void ConnectionWatch::Run(std::stop_token stop) {
  std::condition_variable_any stopped;
  std::mutex sleep_mutex;
  while (true) {
    {
      std::unique_lock lock(sleep_mutex);
      stopped.wait_for(lock, stop, kTick, [] { return false; });
    }
    if (stop.stop_requested()) return;
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    EndSlow(now);
    for (const auto& gate : gates_) gate->OpenIfWaitingSince(now - limits_.wake_interval);
  }
}

}  // namespace gpen::http
