#include <fmt/format.h>

#include "api/job_json.h"
#include "api/job_lookup.h"
#include "api/json.h"
#include "api/query.h"
#include "api/routes.h"
#include "api/thumbnail.h"

namespace gpen::api {
namespace {

Result<http::Response> ListBin(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(auto filter, JobFilterOf(context, request));
  filter.bin = jobs::BinFilter::kOnly;
  GPEN_ASSIGN_OR_RETURN(const auto found, context.store->List(filter));
  const auto to_json = [&](const jobs::Job& job) { return JobToJson(job, context.job_view()); };
  return JsonResponse(
      {{"jobs", JsonList(found, to_json)}, {"next_before", NextBefore(found, filter.limit)}});
}

// Of all that the viewer sees there.
Result<http::Response> EmptyBin(const ApiContext& context, const http::Request& request) {
  GPEN_TRY(context.remover->EmptyBin(ScopeOf(context, request)));
  return SuccessResponse();
}

Result<http::Response> BinnedThumbnail(const ApiContext& context, const http::Request& request,
                                       Thumbnail which) {
  GPEN_ASSIGN_OR_RETURN(const jobs::JobId id, ParseId(request, "job"));
  GPEN_ASSIGN_OR_RETURN(auto job, context.store->FindBinned(id));
  GPEN_ASSIGN_OR_RETURN(const auto photo, photos::PhotoJob::Of(std::move(job)));
  return ThumbnailResponse(context, request, photo, which);
}

Result<http::Response> PutBack(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const jobs::JobId id, ParseId(request, "job"));
  GPEN_ASSIGN_OR_RETURN(const auto job, context.store->PutBack(id));
  return JsonResponse(JobToJson(job, context.job_view()));
}

Result<http::Response> PutBackBatch(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const jobs::BatchId id, ParseId(request, "batch"));
  GPEN_ASSIGN_OR_RETURN(const auto batch, context.store->PutBackBatch(id));
  return JsonResponse(BatchToJson(batch, context.people));
}

Result<http::Response> SetPinned(const ApiContext& context, const http::Request& request,
                                 bool pinned) {
  GPEN_ASSIGN_OR_RETURN(const jobs::JobId id, ParseId(request, "job"));
  GPEN_ASSIGN_OR_RETURN(const auto job, context.store->SetPinned(id, pinned));
  return JsonResponse(JobToJson(job, context.job_view()));
}

}  // namespace

void AddBinRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  const auto add = [&](Method method, std::string_view path, auto* handler) {
    router->Add(method, path,
                [context, handler](const Request& request) { return handler(*context, request); });
  };
  add(Method::kGet, "/api/v1/bin", &ListBin);
  add(Method::kDelete, "/api/v1/bin", &EmptyBin);
  for (const auto which : {Thumbnail::kBefore, Thumbnail::kAfter}) {
    router->Add(Method::kGet, fmt::format("/api/v1/bin/{{id}}/{}", NameOf(which)),
                [context, which](const Request& request) {
                  return BinnedThumbnail(*context, request, which);
                });
  }
  add(Method::kPost, "/api/v1/jobs/{id}/put_back", &PutBack);
  add(Method::kPost, "/api/v1/batches/{id}/put_back", &PutBackBatch);
  for (const bool pinned : {true, false}) {
    router->Add(
        pinned ? Method::kPost : Method::kDelete, "/api/v1/jobs/{id}/pin",
        [context, pinned](const Request& request) { return SetPinned(*context, request, pinned); });
  }
}

}  // namespace gpen::api
