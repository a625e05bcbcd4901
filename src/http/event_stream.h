// EventStream: one client's server-sent events (WHATWG), fed from any thread.
//
// What a slow client has not read yet is kept up to a bound; beyond it the stream ends, and the
// client comes back with Last-Event-ID. A comment is sent when nothing else was for a while, so
// that dead clients are noticed.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/body_source.h"
#include "http/response.h"

namespace gpen::http {

class EventStream {
 public:
  EventStream();

  /// Queues `text`, made by FormatEvent. False where the client is gone or too far behind: drop it.
  bool Send(std::string_view text) const;
  /// Ends the stream after what is queued.
  void Close() const;
  bool is_open() const;

  /// The answer that carries this stream. Call once.
  Response MakeResponse() const;

 private:
  struct Queue;
  class Source;

  std::shared_ptr<Queue> queue_;
};

/// "id: 7\nevent: progress\ndata: {...}\n\n". An empty `id` or `name` is left out; line breaks in
/// `data` are kept, as the format wants it.
std::string FormatEvent(std::string_view id, std::string_view name, std::string_view data);

}  // namespace gpen::http
