#include "jobs/event_hub.h"

#include <iterator>
#include <utility>

#include "base/guarded.h"

namespace gpen::jobs {

Subscription::Subscription(std::shared_ptr<EventHub> hub, std::int64_t id)
    : hub_(std::move(hub)), id_(id) {}

Subscription::Subscription(Subscription&& other) noexcept
    : hub_(std::move(other.hub_)), id_(other.id_) {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    Reset();
    hub_ = std::move(other.hub_);
    id_ = other.id_;
  }
  return *this;
}

Subscription::~Subscription() { Reset(); }

void Subscription::Reset() {
  if (hub_ != nullptr) hub_->Remove(id_);
  hub_.reset();
}

std::int64_t EventHub::Add(Callback callback) {
  const std::scoped_lock lock(mutex_);
  callbacks_.emplace(next_id_, std::make_shared<Callback>(std::move(callback)));
  return next_id_++;
}

void EventHub::Remove(std::int64_t id) {
  std::unique_lock lock(mutex_);
  callbacks_.erase(id);
  if (delivering_thread_ == std::this_thread::get_id()) return;
  callback_returned_.wait(lock, [&] { return running_callback_ != id; });
}

void EventHub::Push(std::vector<JobEvent> events) {
  const std::scoped_lock lock(mutex_);
  std::move(events.begin(), events.end(), std::back_inserter(pending_));
}

namespace {

// One subscriber that has no memory for an event must not keep it from the others, nor undo for
// its cause what the store has committed.
void Call(const EventHub::Callback& callback, const JobEvent& event) {
  [[maybe_unused]] const auto called = Guarded("an event", [&]() -> Result<void> {
    callback(event);
    return {};
  });
}

}  // namespace

void EventHub::Deliver() {
  std::unique_lock lock(mutex_);
  if (delivering_) return;
  delivering_ = true;
  delivering_thread_ = std::this_thread::get_id();
  while (!pending_.empty()) {
    const JobEvent event = std::move(pending_.front());
    pending_.pop_front();
    // By id, because a callback may add and remove others while the lock is released.
    for (auto next = callbacks_.begin(); next != callbacks_.end();
         next = callbacks_.upper_bound(running_callback_)) {
      const auto callback = next->second;
      running_callback_ = next->first;
      lock.unlock();
      Call(*callback, event);
      lock.lock();
      callback_returned_.notify_all();
    }
    running_callback_ = 0;
    callback_returned_.notify_all();
  }
  delivering_ = false;
  delivering_thread_ = {};
}

}  // namespace gpen::jobs
