// BodySource: a response's body that is made while it is sent (an event stream, a ZIP of results).
//
// Read() is called by one server thread at a time. A source that has nothing to send for now says
// kWait and calls Wake() from any thread when it has; meanwhile it costs no thread.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <utility>

namespace gpen::http {

class BodySource {
 public:
  enum class Status : unsigned char {
    kData,    ///< `bytes` of the buffer were filled, at least 1.
    kWait,    ///< Nothing now: Wake() will come.
    kEnd,     ///< The body is complete.
    kFailed,  ///< Cannot go on: the connection is cut, so that the client sees that it is not
              ///< whole.
  };
  struct Piece {
    Status status = Status::kEnd;
    std::size_t bytes = 0;
  };

  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
  virtual ~BodySource() = default;

  virtual Piece Read(std::span<std::byte> buffer) = 0;

  /// Size of the buffer that Read() wants.
  virtual std::size_t buffer_bytes() const { return std::size_t{32} << 10; }

  /// Set by the server before the first Read().
  void SetWaker(std::function<void()> waker) {
    const std::lock_guard lock(waker_mutex_);
    waker_ = std::move(waker);
  }

 protected:
  void Wake() {
    const std::lock_guard lock(waker_mutex_);
    if (waker_) waker_();
  }

 private:
  std::mutex waker_mutex_;
  std::function<void()> waker_;
};

}  // namespace gpen::http
