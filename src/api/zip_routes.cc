#include <fmt/format.h>

#include "api/job_lookup.h"
#include "api/job_zip.h"
#include "api/query.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

Result<http::Response> Zip(const ApiContext& context, const http::Request& request) {
  std::vector<jobs::JobId> ids;
  for (const auto& [name, value] : request.target.query) {
    if (name != "id") continue;
    GPEN_ASSIGN_OR_RETURN(const auto id, ParseWhole(name, value, 1, kMostId));
    ids.push_back(id);
  }
  if (!ids.empty()) {
    if (ids.size() == request.target.query.size()) {
      return ZipOfJobs(context, ScopeOf(context, request), ids, "photos");
    }
    return Error(
        ErrorCode::kInvalidArgument,
        "expected ids alone, found a filter beside them: a ZIP holds the results of either");
  }
  for (const auto& [name, value] : request.target.query) {
    if (name == "state" || name == "before" || name == "limit") {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("expected text, priority or batch, found {}: a ZIP holds all results "
                      "that these let through",
                      name));
    }
  }
  GPEN_ASSIGN_OR_RETURN(const auto filter, JobFilterOf(context, request));
  return ZipOfJobs(context, filter, "photos");
}

}  // namespace

void AddZipRoutes(const ApiContext* context, http::Router* router) {
  router->AddDeferred(
      http::Method::kGet, "/api/v1/zip", 0,
      [context](const http::Request& request, std::string_view, const http::Responder& responder) {
        AnswerWithZip(*context, request, responder,
                      [context, request] { return Zip(*context, request); });
      });
}

}  // namespace gpen::api
