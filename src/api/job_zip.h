// The results of many jobs as one answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/api_context.h"
#include "base/result.h"
#include "http/responder.h"
#include "http/response.h"
#include "jobs/job_store.h"

namespace gpen::api {

/// The results of all done jobs that `filter` lets through, oldest first, as "NAME.zip". Errors:
/// kConflict (there are none), those of the store.
Result<http::Response> ZipOfJobs(const ApiContext& context, jobs::JobFilter filter,
                                 const std::string& name);
/// The same of the jobs `ids`, as far as `scope` lets them be seen; one that is not done is left
/// out. Errors: also kNotFound.
Result<http::Response> ZipOfJobs(const ApiContext& context, std::optional<jobs::PersonId> scope,
                                 const std::vector<jobs::JobId>& ids, const std::string& name);

/// Answers with what `make`, which calls one of the above, returns: in the background, because
/// there may be thousands of jobs.
void AnswerWithZip(const ApiContext& context, const http::Request& request,
                   const http::Responder& responder, std::function<Result<http::Response>()> make);

}  // namespace gpen::api
