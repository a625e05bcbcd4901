#include "api/job_lookup.h"

#include <utility>

#include "api/query.h"

namespace gpen::api {

std::optional<jobs::PersonId> ScopeOf(const ApiContext& context, const http::Request& request) {
  const auto viewer = context.access->ViewerOf(request);
  return viewer.sees_all ? std::nullopt : std::optional<jobs::PersonId>(viewer.user);
}

Result<jobs::Job> FindJob(const ApiContext& context, std::optional<jobs::PersonId> scope,
                          jobs::JobId id) {
  GPEN_ASSIGN_OR_RETURN(auto job, context.store->Find(id));
  if (scope && job.added_by != *scope) return jobs::NoSuchJob(id);
  return job;
}

Result<jobs::Job> FindJob(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const jobs::JobId id, ParseId(request, "job"));
  return FindJob(context, ScopeOf(context, request), id);
}

Result<photos::PhotoJob> FindPhotoJob(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(auto job, FindJob(context, request));
  return photos::PhotoJob::Of(std::move(job));
}

Result<jobs::JobFilter> JobFilterOf(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(auto filter, ParseJobFilter(request));
  filter.added_by = ScopeOf(context, request);
  return filter;
}

Result<jobs::EventFilter> EventFilterOf(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(auto filter, ParseEventFilter(request));
  filter.added_by = ScopeOf(context, request);
  return filter;
}

}  // namespace gpen::api
