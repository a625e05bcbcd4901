#include "api/job_json.h"
#include "api/job_lookup.h"
#include "api/job_zip.h"
#include "api/json.h"
#include "api/query.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

Result<http::Response> ListBatches(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto before, QueryWhole(request, "before", 0, 0, kMostId));
  GPEN_ASSIGN_OR_RETURN(const auto limit, QueryWhole(request, "limit", 50, 1, 500));
  GPEN_ASSIGN_OR_RETURN(
      const auto found,
      context.store->ListBatches(before, static_cast<int>(limit), ScopeOf(context, request)));
  const auto to_json = [&](const jobs::Batch& batch) { return BatchToJson(batch, context.people); };
  return JsonResponse(
      {{"batches", JsonList(found, to_json)}, {"next_before", NextBefore(found, limit)}});
}

// An empty batch, for clients that send its photos one by one: `batch_id` of /api/v1/jobs.
Result<http::Response> CreateBatch(const ApiContext& context, const http::Request& request,
                                   std::string_view body) {
  const auto json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("name") || !json["name"].is_string()) {
    return Error(ErrorCode::kInvalidArgument, R"(expected a JSON object {"name":"..."})");
  }
  GPEN_ASSIGN_OR_RETURN(
      const auto batch,
      context.store->CreateBatch(DisplayName(json["name"].get<std::string>()), AdderOf(request)));
  return JsonResponse(BatchToJson(batch, context.people), 201);
}

Result<http::Response> ShowBatch(const ApiContext& context, jobs::BatchId id) {
  GPEN_ASSIGN_OR_RETURN(const auto batch, context.store->FindBatch(id));
  return JsonResponse(BatchToJson(batch, context.people));
}

Result<http::Response> CancelBatch(const ApiContext& context, jobs::BatchId id) {
  GPEN_TRY(context.store->CancelBatch(id));
  return ShowBatch(context, id);
}

Result<http::Response> Zip(const ApiContext& context, jobs::BatchId id) {
  GPEN_ASSIGN_OR_RETURN(const auto batch, context.store->FindBatch(id));
  jobs::JobFilter filter;
  filter.batch = id;
  return ZipOfJobs(context, filter, batch.name);
}

// Takes away the batch with its jobs; one that runs is a conflict. Files follow in the background.
Result<http::Response> DeleteBatch(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const jobs::BatchId id, ParseId(request, "batch"));
  GPEN_ASSIGN_OR_RETURN(const bool for_good, QuerySwitch(request, "for_good"));
  GPEN_TRY(for_good || context.bin_days == 0 ? context.remover->DeleteBatch(id)
                                             : context.store->BinBatch(id));
  return SuccessResponse();
}

}  // namespace

void AddBatchRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  router->Add(Method::kGet, "/api/v1/batches",
              [context](const Request& request) { return ListBatches(*context, request); });
  router->AddText(Method::kPost, "/api/v1/batches", 4096,
                  [context](const Request& request, std::string_view body) {
                    return CreateBatch(*context, request, body);
                  });
  const auto add = [&](Method method, std::string_view path, auto* action) {
    router->Add(method, path, [context, action](const Request& request) -> Result<http::Response> {
      GPEN_ASSIGN_OR_RETURN(const jobs::BatchId id, ParseId(request, "batch"));
      return action(*context, id);
    });
  };
  add(Method::kGet, "/api/v1/batches/{id}", &ShowBatch);
  add(Method::kPost, "/api/v1/batches/{id}/cancel", &CancelBatch);
  router->Add(Method::kDelete, "/api/v1/batches/{id}",
              [context](const Request& request) { return DeleteBatch(*context, request); });
  router->AddDeferred(
      Method::kGet, "/api/v1/batches/{id}/zip", 0,
      [context](const Request& request, std::string_view, const http::Responder& responder) {
        const auto id = ParseId(request, "batch");
        if (!id) return responder.Send(id.error());
        AnswerWithZip(*context, request, responder,
                      [context, batch = *id] { return Zip(*context, batch); });
      });
}

}  // namespace gpen::api
