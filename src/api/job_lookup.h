// The job that a request names.
#pragma once

#include "api/api_context.h"
#include "base/result.h"
#include "http/request.h"
#include "jobs/job.h"
#include "photos/photo_job.h"

namespace gpen::api {

/// Errors: kNotFound (no such job), those of the store.
Result<jobs::Job> FindJob(const ApiContext& context, const http::Request& request);

/// The same with its texts read. Errors: also kInternal (made by another program).
Result<photos::PhotoJob> FindPhotoJob(const ApiContext& context, const http::Request& request);

}  // namespace gpen::api
