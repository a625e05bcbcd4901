#include "api/enhance_waiters.h"

#include <fmt/format.h>

#include "api/json.h"
#include "jobs/job_error.h"
#include "photos/photo_job.h"

namespace gpen::api {

Result<http::Response> EnhanceResponse(const jobs::Job& job) {
  if (job.state != jobs::JobState::kDone) return jobs::ErrorOf(job);
  GPEN_ASSIGN_OR_RETURN(const auto photo, photos::PhotoJob::Of(job));
  GPEN_ASSIGN_OR_RETURN(const auto result, photo.FirstResult());
  auto response = JsonResponse({{"status", "success"},
                                {"output_path", photos::AddressOf(result)},
                                {"inference_time", fmt::format("{:.2f}s", result.seconds)}});
  response.Set("X-Cache", job.cached ? "hit" : "miss");
  response.Set("X-Job-Id", std::to_string(job.id));
  return response;
}

void EnhanceWaiters::Add(jobs::JobId job, const http::Responder& responder) {
  const std::lock_guard lock(mutex_);
  waiters_.emplace(job, Waiter{responder, std::chrono::steady_clock::now() + longest_});
}

void EnhanceWaiters::Answer(const jobs::Job& job) {
  std::vector<Waiter> due;
  {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = waiters_.equal_range(job.id);
    for (auto waiter = first; waiter != last; ++waiter) due.push_back(waiter->second);
    waiters_.erase(first, last);
  }
  for (const auto& waiter : due) waiter.responder.Send(EnhanceResponse(job));
}

bool EnhanceWaiters::IsAwaited(jobs::JobId job) const {
  const std::lock_guard lock(mutex_);
  return waiters_.contains(job);
}

void EnhanceWaiters::AnswerOverdue() {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  std::erase_if(waiters_, [now](const auto& entry) {
    if (!entry.second.responder.IsAwaited()) return true;
    if (entry.second.until > now) return false;
    entry.second.responder.Send(
        Error(ErrorCode::kUnavailable,
              fmt::format("the photo still waits in the queue: ask for it at /api/v1/jobs/{}",
                          entry.first)));
    return true;
  });
}

}  // namespace gpen::api
