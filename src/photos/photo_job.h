// PhotoJob: a job of the queue whose work is a photo, with its texts read. Made once by whoever has
// the job, and handed on from there.
#pragma once

#include <optional>

#include "base/result.h"
#include "jobs/job.h"
#include "photos/photo_result.h"
#include "photos/photo_task.h"

namespace gpen::photos {

struct PhotoJob {
  jobs::Job job;
  PhotoTask task;
  /// The first result: what the run made. Of a done job alone, and not where its text is damaged.
  std::optional<PhotoResult> result;

  /// Errors: those of ParseTask(): the job was made by another program.
  static Result<PhotoJob> Of(jobs::Job job);

  /// The first result. Errors: kConflict (the job is not done), kInternal (damaged).
  Result<PhotoResult> FirstResult() const;
};

}  // namespace gpen::photos
