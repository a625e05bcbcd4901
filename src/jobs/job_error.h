// The error that ended a job, as it was before the queue wrote it down.
#pragma once

#include "base/result.h"
#include "jobs/job.h"

namespace gpen::jobs {

/// Of a job that failed or was cancelled; kInternal where its code is unknown here.
Error ErrorOf(const Job& job);

}  // namespace gpen::jobs
