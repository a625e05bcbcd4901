#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/job_json.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

Result<jobs::BatchId> IdOf(const http::Request& request) {
  auto id = ParseWhole("batch id", request.PathParameter("id"), 1, std::int64_t{1} << 62);
  if (!id) return Error(ErrorCode::kNotFound, "no such batch");
  return id;
}

Result<std::vector<jobs::Job>> AllJobs(const ApiContext& context, jobs::BatchId batch) {
  std::vector<jobs::Job> all;
  jobs::JobFilter filter;
  filter.batch = batch;
  filter.limit = 500;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(auto page, context.store->List(filter));
    if (page.empty()) return all;
    filter.before = page.back().id;
    for (auto& job : page) all.push_back(std::move(job));
  }
}

Result<http::Response> ListBatches(const ApiContext& context, const http::Request& request) {
  std::int64_t before = 0;
  std::int64_t limit = 50;
  if (const auto text = request.target.Query("before")) {
    GPEN_ASSIGN_OR_RETURN(before, ParseWhole("before", *text, 0, std::int64_t{1} << 62));
  }
  if (const auto text = request.target.Query("limit")) {
    GPEN_ASSIGN_OR_RETURN(limit, ParseWhole("limit", *text, 1, 500));
  }
  GPEN_ASSIGN_OR_RETURN(const auto found,
                        context.store->ListBatches(before, static_cast<int>(limit)));
  std::vector<std::string> items;
  for (const auto& batch : found) items.push_back(BatchToJson(batch));
  const bool is_full = static_cast<std::int64_t>(found.size()) == limit;
  return http::JsonResponse(200,
                            fmt::format(R"({{"batches":{},"next_before":{}}})", JsonList(items),
                                        is_full ? std::to_string(found.back().id) : "null"));
}

// An empty batch, for clients that send its photos one by one: `batch_id` of /api/v1/jobs.
Result<jobs::Batch> CreateBatch(const ApiContext& context, std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("name") || !json["name"].is_string()) {
    return Error(ErrorCode::kInvalidArgument, R"(expected a JSON object {"name":"..."})");
  }
  return context.store->CreateBatch(DisplayName(json["name"].get<std::string>()));
}

Result<http::Response> Zip(const ApiContext& context, jobs::BatchId id) {
  GPEN_ASSIGN_OR_RETURN(const auto batch, context.store->FindBatch(id));
  jobs::JobFilter filter;
  filter.batch = id;
  return ZipOfJobs(context, filter, batch.name);
}

// Deletes the batch with its jobs; one that runs is a conflict.
Result<http::Response> DeleteBatch(const ApiContext& context, jobs::BatchId id) {
  GPEN_TRY(context.store->FindBatch(id));
  GPEN_TRY(context.store->CancelBatch(id));
  GPEN_ASSIGN_OR_RETURN(const auto all, AllJobs(context, id));
  for (const auto& job : all) GPEN_TRY(context.store->Delete(job.id));
  GPEN_TRY(context.store->DeleteBatch(id));
  return http::JsonResponse(200, R"({"status":"success"})");
}

template <typename Action>
http::Response WithId(const http::Request& request, const Action& action) {
  const auto id = IdOf(request);
  if (!id) return http::ErrorResponse(id.error());
  Result<http::Response> response = action(*id);
  return response ? std::move(*response) : http::ErrorResponse(response.error());
}

}  // namespace

void AddBatchRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  router->Add(Method::kGet, "/api/v1/batches", [context](const Request& request) {
    auto response = ListBatches(*context, request);
    return response ? std::move(*response) : http::ErrorResponse(response.error());
  });
  router->AddText(Method::kPost, "/api/v1/batches", 4096,
                  [context](const Request&, std::string_view body) {
                    auto batch = CreateBatch(*context, body);
                    return batch ? http::JsonResponse(201, BatchToJson(*batch))
                                 : http::ErrorResponse(batch.error());
                  });
  router->Add(Method::kGet, "/api/v1/batches/{id}", [context](const Request& request) {
    return WithId(request, [&](jobs::BatchId id) -> Result<http::Response> {
      GPEN_ASSIGN_OR_RETURN(const auto batch, context->store->FindBatch(id));
      return http::JsonResponse(200, BatchToJson(batch));
    });
  });
  router->Add(Method::kPost, "/api/v1/batches/{id}/cancel", [context](const Request& request) {
    return WithId(request, [&](jobs::BatchId id) -> Result<http::Response> {
      GPEN_TRY(context->store->CancelBatch(id));
      GPEN_ASSIGN_OR_RETURN(const auto batch, context->store->FindBatch(id));
      return http::JsonResponse(200, BatchToJson(batch));
    });
  });
  router->Add(Method::kDelete, "/api/v1/batches/{id}", [context](const Request& request) {
    return WithId(request, [&](jobs::BatchId id) { return DeleteBatch(*context, id); });
  });
  router->Add(Method::kGet, "/api/v1/batches/{id}/zip", [context](const Request& request) {
    return WithId(request, [&](jobs::BatchId id) { return Zip(*context, id); });
  });
}

}  // namespace gpen::api
