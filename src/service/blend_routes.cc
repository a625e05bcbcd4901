#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "service/adjustment.h"
#include "service/routes.h"

namespace gpen::service {
namespace {

using Json = nlohmann::ordered_json;

enum class Change : std::uint8_t { kNone, kBlend, kReset };

Result<jobs::Job> FindJob(const ServiceContext& context, const http::Request& request) {
  const auto id = ParseWhole("job id", request.PathParameter("id"), 1, std::int64_t{1} << 62);
  if (!id) return Error(ErrorCode::kNotFound, "no such job");
  return context.store->Find(*id);
}

Result<http::Response> Answer(const DataFolder& folder, const jobs::Job& job) {
  GPEN_ASSIGN_OR_RETURN(const auto state, ReadAdjustment(folder, job));
  const Json json = {
      {"available", state.unavailable.empty()},
      {"reason", state.unavailable.empty() ? Json(nullptr) : Json(state.unavailable)},
      {"adjusted", state.adjusted},
      {"faces", state.now.strengths},
      {"mode", state.now.mode == restore::Mode::kStrong ? "strong" : "natural"},
      {"protect_tone", state.now.protect_tone}};
  auto response = http::JsonResponse(200, json.dump());
  response.Set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> Perform(const ServiceContext& context, const http::Request& request,
                               Change change, const std::string& body) {
  GPEN_ASSIGN_OR_RETURN(const auto job, FindJob(context, request));
  if (change == Change::kBlend) {
    GPEN_TRY(Adjust(*context.folder, context.upload_rules.limits, job, body));
    // Deleted meanwhile: nobody would come to delete what was just written.
    if (!context.store->Find(job.id)) GPEN_TRY(RemoveAdjustment(*context.folder, job.id));
  } else if (change == Change::kReset) {
    GPEN_TRY(RemoveAdjustment(*context.folder, job.id));
  }
  return Answer(*context.folder, job);
}

}  // namespace

void AddBlendRoutes(const ServiceContext* context, http::Router* router) {
  using http::Method;
  const auto add = [&](Method method, Change change) {
    router->AddDeferred(method, "/api/v1/jobs/{id}/blend", 64 << 10,
                        [context, change](const http::Request& request, std::string_view body,
                                          const http::Responder& responder) {
                          context->pictures->Add(
                              responder, [context, change, request, text = std::string(body)] {
                                return Perform(*context, request, change, text);
                              });
                        });
  };
  add(Method::kGet, Change::kNone);
  add(Method::kPost, Change::kBlend);
  add(Method::kDelete, Change::kReset);
}

}  // namespace gpen::service
