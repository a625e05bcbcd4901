#include "api/event_broadcast.h"

#include <fmt/format.h>

#include <utility>

#include "api/job_json.h"

namespace gpen::api {
namespace {

constexpr int kPage = 200;
constexpr int kMaxReplayed = 500;  // What a stream's queue holds in any case.

}  // namespace

bool EventBroadcast::Listener::IsOpen() const {
  if (may_go_on && !may_go_on()) stream.Close();
  return stream.is_open();
}

std::string EventBroadcast::Format(const jobs::JobEvent& event) const {
  return http::FormatEvent(std::to_string(event.sequence), jobs::NameOf(event.kind),
                           Dump(EventToJson(event, text_)));
}

EventBroadcast::EventBroadcast(jobs::JobStore* store, int max_streams, const PublicText* text)
    : store_(store),
      max_streams_(max_streams),
      text_(text),
      places_(max_streams),
      subscription_(store->Subscribe([this](const jobs::JobEvent& event) { Publish(event); })) {}

Result<http::Response> EventBroadcast::Open(const std::string& client, std::int64_t after,
                                            const jobs::EventFilter& filter,
                                            std::function<bool()> may_go_on) {
  const std::lock_guard lock(mutex_);  // Later events wait until the replay is queued.
  listeners_.remove_if([](const Listener& listener) { return !listener.IsOpen(); });
  auto place = places_.Take(client);
  if (!place) {
    return Error(ErrorCode::kQueueFull,
                 fmt::format("too many event streams are open already, of {} in all: poll "
                             "/api/v1/events instead",
                             max_streams_));
  }
  Listener listener{{}, filter, 0, *std::move(place), std::move(may_go_on)};
  if (after < 0) {
    GPEN_ASSIGN_OR_RETURN(const auto status, store_->Status());
    listener.last = status.last_sequence;
  } else {
    listener.last = after;
    int sent = 0;
    while (sent < kMaxReplayed) {
      GPEN_ASSIGN_OR_RETURN(const auto page, store_->EventsAfter(listener.last, kPage, filter));
      if (page.gap) listener.stream.Send(http::FormatEvent("", "gap", "{}"));
      for (const auto& event : page.events) listener.stream.Send(Format(event));
      sent += static_cast<int>(page.events.size());
      if (page.last <= listener.last) break;
      listener.last = page.last;
    }
    // The client comes back with Last-Event-ID for the rest.
    if (sent >= kMaxReplayed) listener.stream.Close();
  }
  // Headers and this go out at once, so that a client knows that it is connected.
  listener.stream.Send(": connected\n\n");
  auto response = listener.stream.MakeResponse();
  listeners_.push_back(std::move(listener));
  return response;
}

void EventBroadcast::Publish(const jobs::JobEvent& event) {
  const std::string text = Format(event);
  const std::lock_guard lock(mutex_);
  listeners_.remove_if([&](Listener& listener) {
    if (!listener.IsOpen()) return true;
    if (event.sequence <= listener.last) return false;
    listener.last = event.sequence;
    return listener.filter.Passes(event) && !listener.stream.Send(text);
  });
}

void EventBroadcast::DropStale() {
  const std::lock_guard lock(mutex_);
  listeners_.remove_if([](const Listener& listener) { return !listener.IsOpen(); });
}

int EventBroadcast::streams() {
  const std::lock_guard lock(mutex_);
  listeners_.remove_if([](const Listener& listener) { return !listener.IsOpen(); });
  return static_cast<int>(listeners_.size());
}

}  // namespace gpen::api
