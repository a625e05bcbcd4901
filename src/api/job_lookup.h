// What a request names or asks for, as far as its viewer may see it.
#pragma once

#include <optional>

#include "api/api_context.h"
#include "base/result.h"
#include "http/request.h"
#include "jobs/job.h"
#include "jobs/job_filter.h"
#include "photos/photo_job.h"

namespace gpen::api {

/// Whose jobs alone the viewer sees; nothing where it is everybody's.
std::optional<jobs::PersonId> ScopeOf(const ApiContext& context, const http::Request& request);

/// The job `id`, where `scope` lets it be seen. Errors: kNotFound (no such job), those of the
/// store.
Result<jobs::Job> FindJob(const ApiContext& context, std::optional<jobs::PersonId> scope,
                          jobs::JobId id);
/// The job that the path names. Errors: the same.
Result<jobs::Job> FindJob(const ApiContext& context, const http::Request& request);

/// The same with its texts read. Errors: also kInternal (made by another program).
Result<photos::PhotoJob> FindPhotoJob(const ApiContext& context, const http::Request& request);

/// The jobs or events that the query asks for, of those that the viewer sees. Errors:
/// kInvalidArgument.
Result<jobs::JobFilter> JobFilterOf(const ApiContext& context, const http::Request& request);
Result<jobs::EventFilter> EventFilterOf(const ApiContext& context, const http::Request& request);

}  // namespace gpen::api
