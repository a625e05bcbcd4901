// EventBroadcast: the queue's events to all open event streams, with replay. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>

#include "api/public_text.h"
#include "base/result.h"
#include "http/event_stream.h"
#include "http/fair_shares.h"
#include "jobs/job_store.h"

namespace gpen::api {

class EventBroadcast {
 public:
  /// `store` and `text`, which may be null, must outlive this.
  EventBroadcast(jobs::JobStore* store, int max_streams, const PublicText* text = nullptr);

  /// A stream of the events after `after` (-1: from now on) that pass `filter`. Where some of them
  /// are no longer kept, an event "gap" comes first. Errors: kQueueFull (too many streams).
  /// `client`: its address; no client gets all streams. It ends when `may_go_on`, which is called
  /// from any thread, says no.
  Result<http::Response> Open(const std::string& client, std::int64_t after,
                              const jobs::EventFilter& filter,
                              std::function<bool()> may_go_on = {});

  /// Ends the streams that may not go on: what lets them has changed.
  void DropStale();

  int streams();

 private:
  struct Listener {
    http::EventStream stream;
    jobs::EventFilter filter;
    std::int64_t last = 0;  ///< Sequence of the newest event that was sent.
    http::FairShares::Place place;
    std::function<bool()> may_go_on;

    /// Closes the stream where that is to be. False where it is gone: drop it.
    bool IsOpen() const;
  };

  void Publish(const jobs::JobEvent& event);
  std::string Format(const jobs::JobEvent& event) const;

  jobs::JobStore* store_;
  const int max_streams_;
  const PublicText* text_;
  http::FairShares places_;
  std::mutex mutex_;
  std::list<Listener> listeners_;
  jobs::Subscription subscription_;  // Last: it calls Publish().
};

}  // namespace gpen::api
