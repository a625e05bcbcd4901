#include "celery/roster.h"

#include <algorithm>

#include "celery/json.h"
#include "celery/message.h"

namespace gpen::celery {
namespace {

constexpr std::size_t kMostWorkers = 1000;
constexpr int kMostSlots = 1000;

int SmallOf(const Json& value) {
  return value.is_number_integer()
             ? static_cast<int>(std::clamp<std::int64_t>(value.get<std::int64_t>(), 0, kMostSlots))
             : 0;
}

bool TakesTheSame(const SeenWorker& a, const SeenWorker& b) {
  return a.about == b.about && a.slots == b.slots && a.running == b.running && a.lowest == b.lowest;
}

}  // namespace

Roster::Roster(redis::Address broker, const Keys& keys, std::string queue, const Clock* clock,
               Milliseconds believed)
    : queue_(std::move(queue)),
      clock_(clock),
      believed_(believed),
      subscription_(std::move(broker), {},
                    {keys.Channel("celeryev", "worker.heartbeat"),
                     keys.Channel("celeryev", "worker.offline")}) {}

Result<bool> Roster::Listen(Milliseconds duration) {
  const auto until = std::chrono::steady_clock::now() + duration;
  bool changed = false;
  while (true) {
    const auto left = std::chrono::ceil<Milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    auto heard = subscription_.Next(left);
    if (!heard) {
      DropSilent();
      return std::move(heard).error();
    }
    if (!*heard) break;
    // Whoever waits for a worker hears of it at once.
    if (Hear((*heard)->payload)) {
      changed = true;
      break;
    }
  }
  return DropSilent() || changed;
}

bool Roster::DropSilent() {
  const std::scoped_lock lock(mutex_);
  const auto now = clock_->Steady();
  return std::erase_if(seen_,
                       [&](const auto& entry) { return now - entry.second.heard > believed_; }) > 0;
}

bool Roster::Hear(std::string_view message) {
  const auto body = ParseJson(BodyOf(message));
  if (!body || !body->is_object()) return false;
  const auto type = TextOf(*body, "type");
  SeenWorker worker;
  worker.name = TextOf(*body, "hostname");
  const std::scoped_lock lock(mutex_);
  // One that serves another queue is none of ours, or no longer.
  if (type == "worker-offline" || TextOf(*body, "queue") != queue_) {
    return seen_.erase(worker.name) > 0;
  }
  if (type != "worker-heartbeat" || worker.name.empty()) return false;
  worker.about = TextOf(*body, "about");
  worker.slots = SmallOf(MemberOf(*body, "slots"));
  worker.running = SmallOf(MemberOf(*body, "active"));
  if (const Json& lowest = MemberOf(*body, "lowest"); lowest.is_number_integer()) {
    worker.lowest = SmallOf(lowest);
  }
  worker.heard = clock_->Steady();
  const auto found = seen_.find(worker.name);
  if (found == seen_.end() && seen_.size() >= kMostWorkers) return false;
  const bool changed = found == seen_.end() || !TakesTheSame(found->second, worker);
  seen_[worker.name] = std::move(worker);
  return changed;
}

std::vector<SeenWorker> Roster::Living() const {
  const std::scoped_lock lock(mutex_);
  std::vector<SeenWorker> living;
  for (const auto& [name, worker] : seen_) {
    if (clock_->Steady() - worker.heard <= believed_) living.push_back(worker);
  }
  return living;
}

}  // namespace gpen::celery
