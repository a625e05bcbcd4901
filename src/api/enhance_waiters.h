// EnhanceWaiters: the clients of POST /enhance that wait for their job. Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "http/responder.h"
#include "jobs/job.h"

namespace gpen::api {

class EnhanceWaiters {
 public:
  explicit EnhanceWaiters(std::chrono::seconds longest) : longest_(longest) {}

  void Add(jobs::JobId job, const http::Responder& responder);
  /// Answers all who wait for `job`, which is finished.
  void Answer(const jobs::Job& job);
  bool IsAwaited(jobs::JobId job) const;
  /// Tells those who have waited too long where their job is, and forgets those who have left.
  void AnswerOverdue();

 private:
  struct Waiter {
    http::Responder responder;
    std::chrono::steady_clock::time_point until;
  };

  const std::chrono::seconds longest_;
  mutable std::mutex mutex_;
  std::multimap<jobs::JobId, Waiter> waiters_;
};

/// The original contract's answer for a finished job. Errors: the job's own, kInternal.
Result<http::Response> EnhanceResponse(const jobs::Job& job);

}  // namespace gpen::api
