#include "jobs/job_error.h"

#include "base/error_table.h"

namespace gpen::jobs {

Error ErrorOf(const Job& job) {
  if (job.state == JobState::kCancelled) {
    return Error(ErrorCode::kCancelled, "the job was cancelled");
  }
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    if (TraitsOf(code).name == job.error_code) return Error(code, job.error_message);
  }
  return Error(ErrorCode::kInternal, job.error_message);
}

}  // namespace gpen::jobs
