#include "api/metrics_text.h"

#include <fmt/format.h>

#include "base/cpu.h"

namespace gpen::api {
namespace {

// The text being written: each metric with its help and kind before its first value.
class Metrics {
 public:
  void Describe(std::string_view name, std::string_view kind, std::string_view help) {
    text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, kind, help);
  }
  /// `labels` as they stand between the braces.
  template <typename Value>
  void Add(std::string_view name, std::string_view labels, const Value& value) {
    text_ += fmt::format("{}{{{}}} {}\n", name, labels, value);
  }
  /// A metric of one value.
  template <typename Value>
  void AddOne(std::string_view name, std::string_view kind, std::string_view help,
              const Value& value) {
    Describe(name, kind, help);
    text_ += fmt::format("{} {}\n", name, value);
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// A label's value in the text format.
std::string Label(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;  // Names of machines come from outside.
  }
  return escaped;
}

void AddQueue(const ApiContext& context, Metrics* metrics) {
  if (const auto status = context.store->Status()) {
    metrics->Describe("gpen_jobs", "gauge", "Jobs by state.");
    for (int i = 0; i < jobs::kJobStateCount; ++i) {
      const auto state = static_cast<jobs::JobState>(i);
      metrics->Add("gpen_jobs", fmt::format("state=\"{}\"", jobs::NameOf(state)),
                   status->counts[state]);
    }
    metrics->AddOne("gpen_queue_paused", "gauge", "1 while the queue is paused.",
                    status->paused ? 1 : 0);
    metrics->AddOne("gpen_stored_bytes", "gauge", "Bytes of uploads and results.",
                    status->stored_bytes);
  }
  const auto pool = context.pool->Status();
  metrics->AddOne("gpen_jobs_running", "gauge", "Jobs being computed.", pool.running);
  metrics->AddOne("gpen_job_runs_total", "counter", "Runs that ended, of any outcome.", pool.runs);
}

void AddHeat(const ApiContext& context, Metrics* metrics) {
  const auto heat = context.governor->Read();
  metrics->AddOne("gpen_heat_sensor_present", "gauge", "1 where a temperature can be read.",
                  heat.has_sensor ? 1 : 0);
  if (heat.has_sensor) {
    metrics->AddOne("gpen_temperature_celsius", "gauge", "Of the sensor closest to its mark.",
                    heat.hottest.celsius);
    metrics->AddOne("gpen_temperature_limit_celsius", "gauge", "That sensor's mark.",
                    heat.hottest.limit_celsius);
  }
  metrics->Describe("gpen_heat_action", "gauge", "1 for what the heat governor does now.");
  for (const auto action :
       {heat::HeatAction::kRun, heat::HeatAction::kSlowDown, heat::HeatAction::kStop}) {
    metrics->Add("gpen_heat_action", fmt::format("action=\"{}\"", heat::NameOf(action)),
                 heat.action == action ? 1 : 0);
  }
  metrics->AddOne("gpen_quiet_hours", "gauge", "1 during quiet hours.",
                  context.quiet_hours->At(context.clock->Now()).quiet ? 1 : 0);
  metrics->AddOne("gpen_heat_stops_total", "counter", "Times that heat stopped the work.",
                  heat.stops);
}

void AddWatchedFolders(const ApiContext& context, Metrics* metrics) {
  const auto views = context.watched_folders();
  if (views.empty()) return;
  metrics->Describe("gpen_watch_files", "gauge",
                    "Photos of watched folders by what became of them.");
  for (const auto& view : views) {
    const auto add = [&](std::string_view state, std::int64_t count) {
      metrics->Add("gpen_watch_files",
                   fmt::format("folder=\"{}\",state=\"{}\"", Label(view.name), state), count);
    };
    add("waiting", view.counts.waiting);
    add("done", view.counts.done);
    add("failed", view.counts.failed);
  }
  metrics->Describe("gpen_watch_folder_working", "gauge",
                    "1 where a watched folder is there and not held up.");
  for (const auto& view : views) {
    metrics->Add("gpen_watch_folder_working", fmt::format("folder=\"{}\"", Label(view.name)),
                 view.state == "watching" || view.state == "polling" ? 1 : 0);
  }
}

void AddMachines(const ApiContext& context, Metrics* metrics) {
  if (context.machines == nullptr) return;
  const auto view = context.machines->View();
  metrics->AddOne("gpen_broker_up", "gauge", "1 while the queue of other machines answers.",
                  view.problem.empty() ? 1 : 0);
  if (view.waiting) {
    metrics->AddOne("gpen_queue_length", "gauge", "Tasks that wait in that queue, of anybody.",
                    *view.waiting);
    metrics->AddOne("gpen_queue_claims", "gauge", "Tasks that workers have claimed, of anybody.",
                    *view.claimed);
  }
  metrics->AddOne("gpen_handouts_running", "gauge", "Photos of ours that are handed out.",
                  view.handed_out);
  metrics->Describe("gpen_machine_slots", "gauge", "Photos that a machine does at the same time.");
  for (const auto& machine : view.machines) {
    metrics->Add("gpen_machine_slots", fmt::format("machine=\"{}\"", Label(machine.name)),
                 machine.slots);
  }
  metrics->Describe("gpen_machine_running", "gauge", "Photos that a machine does now.");
  for (const auto& machine : view.machines) {
    metrics->Add("gpen_machine_running", fmt::format("machine=\"{}\"", Label(machine.name)),
                 machine.running);
  }
  metrics->Describe("gpen_handouts_total", "counter",
                    "Attempts to let a machine restore a photo, by what came of them.");
  for (const auto& [name, counts] : view.counts) {
    const auto add = [&, label = Label(name)](std::string_view outcome, std::int64_t count) {
      metrics->Add("gpen_handouts_total",
                   fmt::format("machine=\"{}\",outcome=\"{}\"", label, outcome), count);
    };
    add("done", counts.done);
    add("failed", counts.failed);
    add("given_back", counts.given_back);
  }
}

void AddHttp(const ApiContext& context, Metrics* metrics) {
  metrics->AddOne("gpen_event_streams", "gauge", "Open event streams.", context.events->streams());
  metrics->AddOne("gpen_uploads_running", "gauge", "Uploads being received.",
                  context.upload_rules.places->taken());
  metrics->AddOne("gpen_connections", "gauge", "Open connections.",
                  context.connections->open.load());
  metrics->AddOne("gpen_slow_connections_ended_total", "counter",
                  "Connections ended for being too slow.", context.connections->ended_slow.load());
  metrics->AddOne("gpen_refused_connections_total", "counter",
                  "Connections refused because their address has as many as it may.",
                  context.connections->refused.load());
  metrics->AddOne("gpen_peak_memory_bytes", "gauge", "Highest resident size so far.",
                  PeakResidentBytes());
  metrics->Describe("gpen_http_requests_total", "counter", "Requests by route and status.");
  for (const auto& [key, count] : context.request_counts->Read()) {
    metrics->Add("gpen_http_requests_total",
                 fmt::format("route=\"{}\",status=\"{}\"", key.first, key.second), count);
  }
}

}  // namespace

std::string MetricsText(const ApiContext& context) {
  Metrics metrics;
  AddQueue(context, &metrics);
  AddHeat(context, &metrics);
  AddWatchedFolders(context, &metrics);
  AddMachines(context, &metrics);
  AddHttp(context, &metrics);
  return metrics.Take();
}

}  // namespace gpen::api
