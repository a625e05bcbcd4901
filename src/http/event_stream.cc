#include "http/event_stream.h"

#include <algorithm>
#include <cstring>

namespace gpen::http {
namespace {

constexpr std::size_t kMaxQueuedBytes = 256 << 10;
constexpr std::size_t kBufferBytes = 4 << 10;  // There may be hundreds of idle streams.
constexpr std::chrono::seconds kCommentInterval{15};

}  // namespace

struct EventStream::Queue {
  std::mutex mutex;
  std::string text;
  bool closed = false;
  Source* source = nullptr;  ///< Null before MakeResponse() and after the client is gone.
};

class EventStream::Source : public BodySource {
 public:
  explicit Source(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {
    const std::lock_guard lock(queue_->mutex);
    queue_->source = this;
  }

  ~Source() override {
    const std::lock_guard lock(queue_->mutex);
    queue_->source = nullptr;
    queue_->closed = true;
  }

  Piece Read(std::span<std::byte> buffer) override {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(queue_->mutex);
    if (queue_->text.empty()) {
      if (queue_->closed) return {Status::kEnd, 0};
      if (now - last_sent_ < kCommentInterval) return {Status::kWait, 0};
      queue_->text = ": still here\n\n";
    }
    const std::size_t bytes = std::min(buffer.size(), queue_->text.size());
    std::memcpy(buffer.data(), queue_->text.data(), bytes);
    queue_->text.erase(0, bytes);
    last_sent_ = now;
    return {Status::kData, bytes};
  }

  std::size_t buffer_bytes() const override { return kBufferBytes; }

  using BodySource::Wake;

 private:
  std::shared_ptr<Queue> queue_;
  std::chrono::steady_clock::time_point last_sent_ = std::chrono::steady_clock::now();
};

EventStream::EventStream() : queue_(std::make_shared<Queue>()) {}

bool EventStream::Send(std::string_view text) const {
  const std::lock_guard lock(queue_->mutex);
  if (queue_->closed) return false;
  if (queue_->text.size() + text.size() > kMaxQueuedBytes) {
    queue_->closed = true;
  } else {
    queue_->text += text;
  }
  // Under the lock: the source cannot go away meanwhile.
  if (queue_->source != nullptr) queue_->source->Wake();
  return !queue_->closed;
}

void EventStream::Close() const {
  const std::lock_guard lock(queue_->mutex);
  queue_->closed = true;
  if (queue_->source != nullptr) queue_->source->Wake();
}

bool EventStream::is_open() const {
  const std::lock_guard lock(queue_->mutex);
  return !queue_->closed;
}

Response EventStream::MakeResponse() const {
  Response response;
  response.Set("Content-Type", "text/event-stream");
  response.Set("Cache-Control", "no-store");
  response.Set("X-Accel-Buffering", "no");
  response.body = std::make_unique<Source>(queue_);
  return response;
}

std::string FormatEvent(std::string_view id, std::string_view name, std::string_view data) {
  std::string text;
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  if (!name.empty()) text.append("event: ").append(name).append("\n");
  do {
    const auto end = std::min(data.find('\n'), data.size());
    text.append("data: ").append(data.substr(0, end)).append("\n");
    data.remove_prefix(std::min(end + 1, data.size()));
  } while (!data.empty());
  return text + "\n";
}

}  // namespace gpen::http
