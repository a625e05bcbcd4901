#include <cmath>

#include "api/job_json.h"
#include "api/job_lookup.h"
#include "api/json.h"
#include "api/metrics_text.h"
#include "api/routes.h"
#include "base/version.h"

namespace gpen::api {
namespace {

// Ready, though some photos may be held: the others go on.
Result<http::Response> Ready(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(auto status, context.store->Status());
  // The reason may name a photo.
  if (context.access->has_people() && !context.access->ViewerOf(request).sees_all) {
    status.postponed.reason = "whoever sees all photos is told why";
  }
  GPEN_TRY(context.folder->CheckStorable());
  const auto pool = context.pool->Status();
  if (!pool.store_problem.empty()) return Error(ErrorCode::kUnavailable, pool.store_problem);
  return JsonResponse(
      {{"status", "ready"},
       {"held_reason", PublicOf(context.public_text, jobs::HeldReason(pool, status))}});
}

// Tenths of a degree: what a sensor means.
Json CelsiusToJson(double celsius) { return std::round(celsius * 10) / 10; }

Json HeatToJson(const heat::HeatStatus& heat) {
  const auto known = [&heat](Json value) { return heat.has_sensor ? std::move(value) : nullptr; };
  return {{"enabled", heat.enabled},
          {"action", heat::NameOf(heat.action)},
          {"has_sensor", heat.has_sensor},
          {"sensor", known(heat.hottest.name)},
          {"celsius", known(CelsiusToJson(heat.hottest.celsius))},
          {"limit_celsius", known(CelsiusToJson(heat.hottest.limit_celsius))},
          {"message", heat.message}};
}

// Of all jobs, or of those that the viewer sees.
Result<http::Response> QueueState(const ApiContext& context, const http::Request& request) {
  const auto scope = ScopeOf(context, request);
  GPEN_ASSIGN_OR_RETURN(const auto status, context.store->Status(scope));
  const auto pool = context.pool->Status();
  const int elsewhere = context.machines == nullptr ? 0 : context.machines->View().handed_out;
  const std::int64_t running =
      scope ? status.counts[jobs::JobState::kRunning] : std::int64_t{pool.running} + elsewhere;
  return JsonResponse(
      {{"paused", status.paused},
       {"counts", CountsToJson(status.counts)},
       {"binned", status.binned},
       {"running", running},
       {"held_reason", PublicOf(context.public_text, jobs::HeldReason(pool, status))},
       {"pausing_between_jobs", pool.pausing_between_jobs},
       {"quiet", context.quiet_hours->At(context.clock->Now()).quiet},
       {"stored_bytes", status.stored_bytes},
       {"last_sequence", status.last_sequence},
       {"heat", HeatToJson(context.governor->Read())},
       {"model", context.model_name},
       {"version", kVersion}});
}

Result<http::Response> SetPaused(const ApiContext& context, const http::Request& request,
                                 bool paused) {
  GPEN_TRY(context.store->SetPaused(paused));
  context.pool->Wake();
  return QueueState(context, request);
}

}  // namespace

void AddSystemRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  router->Add(Method::kGet, "/healthz", [](const Request&) {
    return JsonResponse({{"status", "ok"}});
  });
  router->Add(Method::kGet, "/readyz",
              [context](const Request& request) { return Ready(*context, request); });
  router->Add(Method::kGet, "/metrics",
              [context](const Request&) { return http::TextResponse(200, MetricsText(*context)); });
  router->Add(Method::kGet, "/api/v1/queue",
              [context](const Request& request) { return QueueState(*context, request); });
  router->Add(Method::kPost, "/api/v1/queue/pause",
              [context](const Request& request) { return SetPaused(*context, request, true); });
  router->Add(Method::kPost, "/api/v1/queue/resume",
              [context](const Request& request) { return SetPaused(*context, request, false); });
}

}  // namespace gpen::api
