#include "http/connection_watch.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/guarded.h"
#include "base/sleep.h"

namespace gpen::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::seconds kLastAnswers{2};

bool IsThisMachine(std::string_view address) { return address == "127.0.0.1" || address == "::1"; }

}  // namespace

ConnectionWatch::ConnectionWatch(const Limits& limits, std::shared_ptr<ConnectionCounts> counts)
    : limits_(limits),
      counts_(std::move(counts)),
      shares_(limits.connections),
      thread_([this](std::stop_token stop) { Run(std::move(stop)); }) {}

bool ConnectionWatch::Admits(const std::string& peer) {
  if (IsThisMachine(peer) || shares_.HasRoomFor(peer)) return true;
  ++counts_->refused;
  return false;
}

ConnectionRecord* ConnectionWatch::Add(int socket, std::string peer) {
  const std::lock_guard lock(mutex_);
  shares_.Add(peer);
  ++counts_->open;
  return &records_.emplace_back(socket, std::move(peer));
}

void ConnectionWatch::SetClient(ConnectionRecord* record, const std::string& client) {
  const std::lock_guard lock(mutex_);
  record->client = client;
}

void ConnectionWatch::Remove(const ConnectionRecord* record) {
  const std::lock_guard lock(mutex_);
  shares_.Remove(record->peer);
  counts_->open -= static_cast<int>(
      records_.remove_if([record](const ConnectionRecord& other) { return &other == record; }));
}

void ConnectionWatch::AddGate(const std::shared_ptr<ConnectionGate>& gate, int socket) {
  const std::lock_guard lock(mutex_);
  gates_.push_back({gate, socket});
  if (ended_) gate->End();
}

void ConnectionWatch::RemoveGate(const std::shared_ptr<ConnectionGate>& gate) {
  const std::lock_guard lock(mutex_);
  gates_.remove_if([&](const Gate& other) { return other.gate == gate; });
  if (owed_.erase(gate.get()) > 0) answered_.notify_all();
}

void ConnectionWatch::EndAll() {
  std::unique_lock lock(mutex_);
  ended_ = true;
  for (const auto& [gate, socket] : gates_) {
    if (gate->End()) owed_.insert(gate.get());
  }
  answered_.wait_for(lock, kLastAnswers, [this] { return owed_.empty(); });
}

// With the lock held: as long as a gate is in the list its socket is open.
void ConnectionWatch::AbandonThoseWhoLeft() {
  std::vector<pollfd> sockets;
  std::vector<ConnectionGate*> waiting;
  for (const auto& [gate, socket] : gates_) {
    if (socket < 0 || !gate->waits()) continue;
    sockets.push_back({socket, POLLRDHUP, 0});
    waiting.push_back(gate.get());
  }
  if (sockets.empty() || ::poll(sockets.data(), sockets.size(), 0) <= 0) return;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if ((sockets[i].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) waiting[i]->Abandon();
  }
}

void ConnectionWatch::EndSlow(Clock::time_point now) {
  std::map<std::string_view, int> bodies;  // By client.
  for (const auto& record : records_) {
    if (record.phase == ConnectionRecord::Phase::kBody) ++bodies[record.client];
  }
  for (auto& record : records_) {
    const Clock::time_point since{Clock::duration(record.since)};
    const auto elapsed = now - since;
    const auto phase = record.phase.load();
    bool slow = phase == ConnectionRecord::Phase::kHeader && elapsed > limits_.header_time;
    if (phase == ConnectionRecord::Phase::kBody && elapsed > limits_.body_grace) {
      const double seconds = std::chrono::duration<double>(elapsed).count();
      slow = static_cast<double>(record.body_bytes) <
             seconds * static_cast<double>(limits_.body_bytes_per_second * bodies[record.client]);
    }
    if (!slow) continue;
    ++counts_->ended_slow;
    record.Enter(ConnectionRecord::Phase::kAnswer);
    // The server's thread sees the end of the connection and closes the socket itself.
    ::shutdown(record.socket, SHUT_RDWR);
  }
}

void ConnectionWatch::Run(std::stop_token stop) {
  while (SleepUnlessStopped(kTick, stop)) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    // What fails for lack of memory is done at the next tick.
    [[maybe_unused]] const auto looked = Guarded("the connections", [&]() -> Result<void> {
      EndSlow(now);
      AbandonThoseWhoLeft();
      return {};
    });
    for (const auto& [gate, socket] : gates_) {
      gate->OpenIfWaitingSince(now - limits_.wake_interval);
    }
  }
}

}  // namespace gpen::http
