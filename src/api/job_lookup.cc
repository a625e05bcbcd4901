#include "api/job_lookup.h"

#include <utility>

#include "api/query.h"

namespace gpen::api {

Result<jobs::Job> FindJob(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const jobs::JobId id, ParseId(request, "job"));
  return context.store->Find(id);
}

Result<photos::PhotoJob> FindPhotoJob(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(auto job, FindJob(context, request));
  return photos::PhotoJob::Of(std::move(job));
}

}  // namespace gpen::api
