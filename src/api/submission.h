// Submission: the photos of an upload become jobs of the queue.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/api_context.h"
#include "api/upload.h"
#include "base/result.h"
#include "jobs/job_store.h"

namespace gpen::api {

/// Hands the photos of `upload` to the queue, or none of them, in which case their files are
/// deleted. They belong to a batch that is made for them, named `new_batch`, or to the upload's.
/// Errors: those of JobStore::SubmitAll.
Result<std::vector<jobs::Submitted>> SubmitPhotos(const ApiContext& context, const Upload& upload,
                                                  jobs::JobPriority priority,
                                                  const std::optional<std::string>& new_batch);

}  // namespace gpen::api
