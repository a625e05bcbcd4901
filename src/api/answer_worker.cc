#include "api/answer_worker.h"

#include <utility>

#include "base/guarded.h"

namespace gpen::api {
namespace {

constexpr int kMostWaiting = 32;

}  // namespace

AnswerWorker::AnswerWorker()
    : places_(kMostWaiting), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

AnswerWorker::~AnswerWorker() = default;

// With the lock held.
void AnswerWorker::DropAbandoned() {
  std::deque<Waiting> awaited;
  for (auto& waiting : waiting_) {
    if (waiting.responder && !waiting.responder->IsAwaited()) continue;
    awaited.push_back(std::move(waiting));
  }
  waiting_.swap(awaited);
}

void AnswerWorker::Add(const std::string& client, const http::Responder& responder, Work work) {
  {
    const std::lock_guard lock(mutex_);
    DropAbandoned();
    if (auto place = places_.Take(client)) {
      waiting_.push_back({std::move(place), responder, [responder, work = std::move(work)] {
                            if (responder.IsAwaited()) {
                              responder.Send(Guarded("this answer", work));
                            }
                          }});
      added_.notify_one();
      return;
    }
  }
  responder.Send(Error(ErrorCode::kQueueFull,
                       "too many pictures or archives are being made: try again in a moment"));
}

void AnswerWorker::Post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({std::nullopt, std::nullopt, std::move(task)});
  added_.notify_one();
}

void AnswerWorker::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    if (!added_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    // Who gets no answer for lack of memory is answered by the server's stop, as above.
    [[maybe_unused]] const auto sent = Guarded("an answer", [&]() -> Result<void> {
      next.run();
      return {};
    });
  }
}

}  // namespace gpen::api
