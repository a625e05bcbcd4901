#include "jobs/job_context.h"

#include <utility>

namespace gpen::jobs {

JobContext::JobContext(JobStore& store, const Clock& clock, Lease lease, Milliseconds report_every,
                       JobPriority priority)
    : store_(store),
      clock_(clock),
      lease_(std::move(lease)),
      report_every_(report_every),
      priority_(priority) {}

void JobContext::Progress(const std::string& step, double fraction) {
  {
    const std::scoped_lock lock(mutex_);
    const Milliseconds now = clock_.Steady();
    if (reported_ && step == last_step_ && now - last_report_ < report_every_) return;
    reported_ = true;
    last_step_ = step;
    last_report_ = now;
  }
  const auto state = store_.ReportProgress(lease_, step, fraction);
  if (state) {
    if (state->cancel_requested) RequestStop(StopReason::kCancelled);
  } else if (state.error().code() == ErrorCode::kConflict) {
    RequestStop(StopReason::kLeaseLost);
  }
  // Else the disk is full or busy: progress is only for the eye, the end of the job decides.
}

Error JobContext::HoldBack(Error error) {
  held_back_ = true;
  return error;
}

void JobContext::RequestStop(StopReason reason) {
  StopReason none = StopReason::kNone;
  reason_.compare_exchange_strong(none, reason);
  stop_.request_stop();
}

}  // namespace gpen::jobs
