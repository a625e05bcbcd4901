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

/// Whether its photos belong together: many, or those of a batch.
bool IsBatch(const Upload& upload);

/// The class that the client wants, or the usual one of such an upload.
jobs::JobPriority PriorityOf(const Upload& upload);

/// Hands the photos of `upload` to the queue, or none of them, in which case their files are
/// deleted. They belong to a batch that is made for them, named `new_batch`, or to the upload's.
/// Errors: those of PhotoModels::For and JobStore::SubmitAll.
Result<std::vector<jobs::Submitted>> SubmitPhotos(const ApiContext& context, const Upload& upload,
                                                  jobs::JobPriority priority,
                                                  const std::optional<std::string>& new_batch);

/// Hands in one photo as `upload` says, or tells the upload's batch that the photo `name` was
/// refused; the job's id. The photo's file is the caller's where this fails. Errors: the refusal,
/// where there is no batch to show it or it is not about the photo; those of PhotoModels::For
/// and JobStore::Submit.
Result<jobs::JobId> SubmitPhoto(const ApiContext& context, Upload upload, const std::string& name,
                                Result<ReceivedPhoto> photo);

}  // namespace gpen::api
