#include "api/picture_worker.h"

#include <exception>
#include <new>

namespace gpen::api {
namespace {

constexpr std::size_t kMostWaiting = 32;

Result<http::Response> RunGuarded(const PictureWorker::Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kOutOfMemory, "not enough memory for this photo");
  } catch (const std::exception& exception) {
    return Error(ErrorCode::kInternal, exception.what());
  }
}

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
  responder.Send(http::ErrorResponse(
      Error(ErrorCode::kQueueFull, "too many pictures are being made: try again in a moment")));
}

void PictureWorker::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    if (!added_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
    auto [responder, work] = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    auto response = RunGuarded(work);
    responder.Send(response ? std::move(*response) : http::ErrorResponse(response.error()));
  }
}

}  // namespace gpen::api
