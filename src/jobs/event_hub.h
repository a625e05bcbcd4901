// EventHub: hands the events of a store to its subscribers, in order and outside the store's lock.
//
// Thread-safe. What a subscriber throws is dropped, with the event for this subscriber. It may call
// the store, and may subscribe or unsubscribe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "jobs/job_event.h"

namespace gpen::jobs {

class EventHub;

/// Ends the subscription when it is destroyed. After that the callback does not run any more
/// (unless it is the callback itself that destroys it). May outlive the store.
class Subscription {
 public:
  Subscription() = default;
  Subscription(std::shared_ptr<EventHub> hub, std::int64_t id);
  Subscription(Subscription&& other) noexcept;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

 private:
  void Reset();

  std::shared_ptr<EventHub> hub_;
  std::int64_t id_ = 0;
};

class EventHub {
 public:
  using Callback = std::function<void(const JobEvent&)>;

  std::int64_t Add(Callback callback);
  void Remove(std::int64_t id);

  /// Queues events in their order. The store calls it under its lock, after the commit.
  void Push(std::vector<JobEvent> events);

  /// Delivers what is queued, on this thread unless another one is doing so already.
  void Deliver();

 private:
  std::mutex mutex_;
  std::condition_variable callback_returned_;
  std::map<std::int64_t, std::shared_ptr<Callback>> callbacks_;
  std::int64_t next_id_ = 1;
  std::deque<JobEvent> pending_;
  bool delivering_ = false;
  std::thread::id delivering_thread_;
  std::int64_t running_callback_ = 0;
};

}  // namespace gpen::jobs
