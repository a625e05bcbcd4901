#include "api/picture_worker.h"

#include "base/guarded.h"

namespace gpen::api {
namespace {

constexpr std::size_t kMostWaiting = 32;

}  // namespace

PictureWorker::PictureWorker() : thread_([this](std::stop_token stop) { Run(stop); }) {}

PictureWorker::~PictureWorker() = default;

void PictureWorker::Add(const http::Responder& responder, Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < kMostWaiting) {
      waiting_.emplace_back(responder, std::move(work));
      added_.notify_one();
      return;
    }
  }
  responder.Send(
      Error(ErrorCode::kQueueFull, "too many pictures are being made: try again in a moment"));
}

void PictureWorker::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    if (!added_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
    const auto next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    // Who gets no answer for lack of memory is answered by the server's stop, as above.
    [[maybe_unused]] const auto sent = Guarded("an answer", [&]() -> Result<void> {
      next.first.Send(Guarded("this photo", next.second));
      return {};
    });
  }
}

}  // namespace gpen::api
