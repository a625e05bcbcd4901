#include <fmt/format.h>

#include "api/job_json.h"
#include "api/routes.h"
#include "base/cpu.h"
#include "base/version.h"

namespace gpen::api {
namespace {

http::Response Ready(const ApiContext& context) {
  const auto status = context.store->Status();
  if (!status) return http::ErrorResponse(status.error());
  const auto storable = context.folder->CheckStorable();
  if (!storable) return http::ErrorResponse(storable.error());
  const auto pool = context.pool->Status();
  if (!pool.store_problem.empty()) {
    return http::ErrorResponse(Error(ErrorCode::kUnavailable, pool.store_problem));
  }
  return http::JsonResponse(200, R"({"status":"ready"})");
}

std::string HeatJson(const heat::HeatStatus& heat) {
  return fmt::format(
      R"({{"enabled":{},"action":{},"has_sensor":{},"sensor":{},"celsius":{},"limit_celsius":{},"message":{}}})",
      heat.enabled, http::JsonString(heat::NameOf(heat.action)), heat.has_sensor,
      heat.has_sensor ? http::JsonString(heat.hottest.name) : "null",
      heat.has_sensor ? fmt::format("{:.1f}", heat.hottest.celsius) : "null",
      heat.has_sensor ? fmt::format("{:.1f}", heat.hottest.limit_celsius) : "null",
      http::JsonString(heat.message));
}

http::Response QueueState(const ApiContext& context) {
  const auto status = context.store->Status();
  if (!status) return http::ErrorResponse(status.error());
  const auto pool = context.pool->Status();
  const auto quiet = context.quiet_hours->At(context.clock->Now());
  std::string counts;
  for (int i = 0; i < jobs::kJobStateCount; ++i) {
    const auto state = static_cast<jobs::JobState>(i);
    counts +=
        fmt::format(R"({}"{}":{})", i == 0 ? "" : ",", jobs::NameOf(state), status->counts[state]);
  }
  auto response = http::JsonResponse(
      200,
      fmt::format(
          R"({{"paused":{},"counts":{{{}}},"running":{},"held_reason":{},"pausing_between_jobs":{},"quiet":{},"stored_bytes":{},"last_sequence":{},"heat":{},"model":{},"version":{}}})",
          status->paused, counts, pool.running, http::JsonString(pool.held_reason),
          pool.pausing_between_jobs, quiet.quiet, status->stored_bytes, status->last_sequence,
          HeatJson(context.governor->Read()), http::JsonString(context.model_name),
          http::JsonString(kVersion)));
  response.Set("Cache-Control", "no-store");
  return response;
}

http::Response SetPaused(const ApiContext& context, bool paused) {
  const auto set = context.store->SetPaused(paused);
  if (!set) return http::ErrorResponse(set.error());
  context.pool->Wake();
  return QueueState(context);
}

std::string MetricsText(const ApiContext& context) {
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view kind, std::string_view help,
                           const auto& value) {
    text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n{0} {3}\n", name, kind, help, value);
  };
  if (const auto status = context.store->Status()) {
    text += "# HELP gpen_jobs Jobs by state.\n# TYPE gpen_jobs gauge\n";
    for (int i = 0; i < jobs::kJobStateCount; ++i) {
      const auto state = static_cast<jobs::JobState>(i);
      text +=
          fmt::format("gpen_jobs{{state=\"{}\"}} {}\n", jobs::NameOf(state), status->counts[state]);
    }
    add("gpen_queue_paused", "gauge", "1 while the queue is paused.", status->paused ? 1 : 0);
    add("gpen_stored_bytes", "gauge", "Bytes of uploads and results.", status->stored_bytes);
  }
  const auto pool = context.pool->Status();
  add("gpen_jobs_running", "gauge", "Jobs being computed.", pool.running);
  add("gpen_job_runs_total", "counter", "Runs that ended, of any outcome.", pool.runs);
  const auto heat = context.governor->Read();
  add("gpen_heat_sensor_present", "gauge", "1 where a temperature can be read.",
      heat.has_sensor ? 1 : 0);
  if (heat.has_sensor) {
    add("gpen_temperature_celsius", "gauge", "Of the sensor closest to its mark.",
        heat.hottest.celsius);
    add("gpen_temperature_limit_celsius", "gauge", "That sensor's mark.",
        heat.hottest.limit_celsius);
  }
  for (const auto action :
       {heat::HeatAction::kRun, heat::HeatAction::kSlowDown, heat::HeatAction::kStop}) {
    const std::string_view head =
        "# HELP gpen_heat_action 1 for what the heat governor does now.\n"
        "# TYPE gpen_heat_action gauge\n";
    text += fmt::format("{}gpen_heat_action{{action=\"{}\"}} {}\n",
                        action == heat::HeatAction::kRun ? head : "", heat::NameOf(action),
                        heat.action == action ? 1 : 0);
  }
  add("gpen_quiet_hours", "gauge", "1 during quiet hours.",
      context.quiet_hours->At(context.clock->Now()).quiet ? 1 : 0);
  add("gpen_heat_stops_total", "counter", "Times that heat stopped the work.", heat.stops);
  text += WatchMetrics(context);
  add("gpen_event_streams", "gauge", "Open event streams.", context.events->streams());
  add("gpen_uploads_running", "gauge", "Uploads being received.",
      context.upload_rules.running->load());
  add("gpen_connections", "gauge", "Open connections.", context.open_connections());
  add("gpen_slow_connections_ended_total", "counter", "Connections ended for being too slow.",
      context.ended_slow_connections());
  add("gpen_peak_memory_bytes", "gauge", "Highest resident size so far.", PeakResidentBytes());
  text +=
      "# HELP gpen_http_requests_total Requests by route and status.\n"
      "# TYPE gpen_http_requests_total counter\n";
  for (const auto& [key, count] : context.request_counts->Read()) {
    text += fmt::format("gpen_http_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", key.first,
                        key.second, count);
  }
  return text;
}

}  // namespace

void AddSystemRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  router->Add(Method::kGet, "/healthz",
              [](const Request&) { return http::JsonResponse(200, R"({"status":"ok"})"); });
  router->Add(Method::kGet, "/readyz", [context](const Request&) { return Ready(*context); });
  router->Add(Method::kGet, "/metrics",
              [context](const Request&) { return http::TextResponse(200, MetricsText(*context)); });
  router->Add(Method::kGet, "/api/v1/queue",
              [context](const Request&) { return QueueState(*context); });
  router->Add(Method::kPost, "/api/v1/queue/pause",
              [context](const Request&) { return SetPaused(*context, true); });
  router->Add(Method::kPost, "/api/v1/queue/resume",
              [context](const Request&) { return SetPaused(*context, false); });
}

}  // namespace gpen::api
