// EventBroadcast: the queue's events to all open event streams, with replay. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>

#include "base/result.h"
#include "http/event_stream.h"
#include "jobs/job_store.h"

namespace gpen::api {

class EventBroadcast {
 public:
  /// `store` must outlive this.
  EventBroadcast(jobs::JobStore* store, int max_streams);

  /// A stream of the events after `after` (-1: from now on) that pass `filter`. Where some of them
  /// are no longer kept, an event "gap" comes first. Errors: kQueueFull (too many streams).
  Result<http::Response> Open(std::int64_t after, const jobs::EventFilter& filter);

  int streams();

 private:
  struct Listener {
    http::EventStream stream;
    jobs::EventFilter filter;
    std::int64_t last = 0;  ///< Sequence of the newest event that was sent.
  };

  void Publish(const jobs::JobEvent& event);

  jobs::JobStore* store_;
  const int max_streams_;
  std::mutex mutex_;
  std::list<Listener> listeners_;
  jobs::Subscription subscription_;  // Last: it calls Publish().
};

}  // namespace gpen::api
