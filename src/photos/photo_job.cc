#include "photos/photo_job.h"

#include <fmt/format.h>

#include "photos/photo_texts.h"

namespace gpen::photos {

Result<PhotoJob> PhotoJob::Of(jobs::Job job) {
  PhotoJob read;
  GPEN_ASSIGN_OR_RETURN(read.task, ParseTask(job.payload));
  if (job.state == jobs::JobState::kDone) {
    if (auto result = ParseResult(job.result)) read.result = *std::move(result);
  }
  read.job = std::move(job);
  return read;
}

Result<PhotoResult> PhotoJob::FirstResult() const {
  if (job.state != jobs::JobState::kDone) {
    return Error(ErrorCode::kConflict,
                 fmt::format("job {} has no result: it is {}", job.id, jobs::NameOf(job.state)));
  }
  if (!result) return Error(ErrorCode::kInternal, "the job has no result");
  return *result;
}

}  // namespace gpen::photos
