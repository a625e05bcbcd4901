#include "celery/control_methods.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "celery/iso_time.h"

namespace gpen::celery {
namespace {

constexpr std::size_t kMostShownBytes = 1000;

Json Ok(std::string text) { return Json{{"ok", std::move(text)}}; }
Json Refusal(std::string text) { return Json{{"error", std::move(text)}}; }

// Ids as Celery sends them: one, or a list.
std::vector<std::string> IdsOf(const Json& arguments, const char* name) {
  const Json& given = MemberOf(arguments, name);
  std::vector<std::string> ids;
  if (given.is_string()) ids.push_back(given.get<std::string>());
  if (given.is_array()) {
    for (const auto& id : given) {
      if (id.is_string()) ids.push_back(id.get<std::string>());
    }
  }
  return ids;
}

Json Ping(WorkerCore&, const Json&) { return Ok("pong"); }

Json Hello(WorkerCore& core, const Json& arguments) {
  if (TextOf(arguments, "from_node") == core.options.name) return nullptr;
  return {{"revoked", Json::object()}, {"clock", core.events.Tick()}};
}

Json Clock(WorkerCore& core, const Json&) { return {{"clock", core.events.Tick()}}; }

Json Registered(WorkerCore& core, const Json&) { return Json(core.runner->Names()); }

Json TasksThat(WorkerCore& core, bool run) {
  const std::scoped_lock lock(core.mutex);
  Json tasks = Json::array();
  for (const auto& [tag, active] : core.active) {
    if (active->running == run && !active->task.id.empty()) {
      tasks.push_back(DescribeTask(core, *active));
    }
  }
  return tasks;
}

Json Active(WorkerCore& core, const Json&) { return TasksThat(core, true); }

// Nothing is fetched before there is room for it.
Json Reserved(WorkerCore&, const Json&) { return Json::array(); }

Json Scheduled(WorkerCore& core, const Json&) {
  const std::scoped_lock lock(core.mutex);
  Json tasks = Json::array();
  for (const auto& [tag, active] : core.active) {
    if (active->running || !active->task.eta) continue;
    tasks.push_back(Json{{"eta", FormatIsoTime(*active->task.eta)},
                         {"priority", active->task.priority},
                         {"request", DescribeTask(core, *active)}});
  }
  return tasks;
}

Json Revoked(WorkerCore& core, const Json&) {
  const std::scoped_lock lock(core.mutex);
  return Json(core.revoked.All());
}

Json ActiveQueues(WorkerCore& core, const Json&) {
  {
    const std::scoped_lock lock(core.mutex);
    if (!core.is_consuming) return Json::array();
  }
  const std::string& queue = core.options.queue;
  // Monitors take every member for granted.
  return Json::array({Json{{"name", queue},
                           {"exchange",
                            {{"name", queue},
                             {"type", "direct"},
                             {"arguments", nullptr},
                             {"durable", true},
                             {"passive", false},
                             {"auto_delete", false},
                             {"delivery_mode", nullptr},
                             {"no_declare", false}}},
                           {"routing_key", queue},
                           {"queue_arguments", nullptr},
                           {"binding_arguments", nullptr},
                           {"consumer_arguments", nullptr},
                           {"durable", true},
                           {"exclusive", false},
                           {"auto_delete", false},
                           {"no_ack", false},
                           {"alias", nullptr},
                           {"bindings", Json::array()},
                           {"no_declare", nullptr},
                           {"expires", nullptr},
                           {"message_ttl", nullptr},
                           {"max_length", nullptr},
                           {"max_length_bytes", nullptr},
                           {"max_priority", nullptr}}});
}

Json Stats(WorkerCore& core, const Json&) {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  const auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(core.clock->Now() - core.began);
  const auto& broker = core.options.broker;
  const std::scoped_lock lock(core.mutex);
  return {
      {"total", Json(core.totals)},
      {"pid", ::getpid()},
      {"clock", std::to_string(core.events.Tick())},
      {"uptime", uptime.count()},
      {"pool",
       {{"implementation", core.options.software},
        {"max-concurrency", core.slots},
        {"processes", {::getpid()}},
        {"max-tasks-per-child", "N/A"},
        {"put-guarded-by-semaphore", false},
        {"timeouts", {0, 0}},
        {"writes", {{"total", core.counts.claimed}, {"inqueues", {{"active", 0}, {"total", 0}}}}}}},
      {"broker",
       {{"hostname", broker.socket.empty() ? broker.host : broker.socket},
        {"port", broker.port},
        {"transport", "redis"},
        {"virtual_host", std::to_string(broker.database)},
        {"ssl", broker.tls}}},
      {"prefetch_count", core.slots},
      {"rusage",
       {{"utime", seconds(usage.ru_utime)},
        {"stime", seconds(usage.ru_stime)},
        {"maxrss", usage.ru_maxrss}}}};
}

Json Conf(WorkerCore& core, const Json&) {
  return {{"task_default_queue", core.options.queue},
          {"worker_concurrency", core.options.concurrency},
          {"worker_prefetch_multiplier", 1},
          {"task_acks_late", true},
          {"task_serializer", "json"},
          {"accept_content", {"json"}},
          {"result_expires", core.options.result_expires.count() / 1000}};
}

Json Report(WorkerCore& core, const Json&) {
  return Ok(fmt::format("software -> {}:{} queue:{}", core.options.software, core.options.version,
                        core.options.queue));
}

Json QueryTask(WorkerCore& core, const Json& arguments) {
  Json found = Json::object();
  const std::scoped_lock lock(core.mutex);
  for (const auto& id : IdsOf(arguments, "ids")) {
    if (const auto active = core.FindById(id)) {
      found[id] =
          Json::array({active->running ? "active" : "reserved", DescribeTask(core, *active)});
    }
  }
  return found;
}

Json EnableEvents(WorkerCore& core, const Json&) {
  if (core.events.tasks_enabled()) return Ok("task events already enabled");
  core.events.EnableTasks(true);
  return Ok("task events enabled");
}

Json DisableEvents(WorkerCore& core, const Json&) {
  if (!core.events.tasks_enabled()) return Ok("task events already disabled");
  core.events.EnableTasks(false);
  return Ok("task events disabled");
}

Json Heartbeat(WorkerCore& core, const Json&) {
  core.events.Send("worker-heartbeat", {{"freq", 2}, {"active", 0}, {"processed", 0}});
  return nullptr;
}

// One that runs is stopped where that is asked for; one that nobody has begun ends at once.
Json RevokeAll(WorkerCore& core, const std::vector<std::string>& ids, bool terminate) {
  std::vector<std::string> waiting;
  {
    const std::scoped_lock lock(core.mutex);
    for (const auto& id : ids) {
      core.revoked.Add(id);
      const auto active = core.FindById(id);
      if (!active) waiting.push_back(id);
      if (active && active->running && terminate) {
        active->context->RequestStop(StopReason::kRevoked);
      }
    }
  }
  core.changed.notify_all();
  for (const auto& id : waiting) {
    const auto stored =
        core.backend.RevokeUnlessBegun(id, {.type = "TaskRevokedError", .messages = {"revoked"}});
    if (!stored) core.NoteProblem(stored.error().message());
  }
  return Ok(fmt::format("{} tasks flagged as revoked", ids.size()));
}

Json Revoke(WorkerCore& core, const Json& arguments) {
  return RevokeAll(core, IdsOf(arguments, "task_id"), MemberOf(arguments, "terminate") == true);
}

Json Terminate(WorkerCore& core, const Json& arguments) {
  return RevokeAll(core, IdsOf(arguments, "task_id"), true);
}

Json Resize(WorkerCore& core, const Json& arguments, int sign) {
  const Json& given = MemberOf(arguments, "n");
  const std::int64_t n = given.is_number_integer() ? given.get<std::int64_t>() : 1;
  const std::scoped_lock lock(core.mutex);
  const std::int64_t wanted = core.slots + sign * std::clamp<std::int64_t>(n, 0, 1000);
  if (wanted < 1 || wanted > core.options.most_concurrency) {
    return Refusal(fmt::format("expected a pool of 1 to {} tasks, found {}",
                               core.options.most_concurrency, wanted));
  }
  core.slots = static_cast<int>(wanted);
  return Ok(fmt::format("pool will {}", sign > 0 ? "grow" : "shrink"));
}

Json PoolGrow(WorkerCore& core, const Json& arguments) { return Resize(core, arguments, 1); }
Json PoolShrink(WorkerCore& core, const Json& arguments) { return Resize(core, arguments, -1); }

Json Consume(WorkerCore& core, const Json& arguments, bool consume) {
  const std::string queue = TextOf(arguments, "queue");
  if (queue != core.options.queue) {
    return Refusal(fmt::format("this worker serves the queue {} alone", core.options.queue));
  }
  const std::scoped_lock lock(core.mutex);
  core.is_consuming = consume;
  return Ok(fmt::format("{} consuming from {}", consume ? "now" : "no longer", queue));
}

Json AddConsumer(WorkerCore& core, const Json& arguments) { return Consume(core, arguments, true); }
Json CancelConsumer(WorkerCore& core, const Json& arguments) {
  return Consume(core, arguments, false);
}

Json Shutdown(WorkerCore& core, const Json&) {
  if (!core.options.allow_shutdown) {
    return Refusal(
        "this worker is not shut down from afar; start it with --allow-shutdown for that");
  }
  {
    const std::scoped_lock lock(core.mutex);
    core.shutdown_asked = true;
  }
  core.changed.notify_all();
  return nullptr;
}

}  // namespace

Json DescribeTask(const WorkerCore& core, const ActiveTask& active) {
  const Task& task = active.task;
  // A photo inside a message is not told to everybody who looks.
  const auto shown = [](const std::string& json, const std::string& text) {
    if (json.size() <= kMostShownBytes) return Json::parse(json, nullptr, false);
    return Json(text.substr(0, kMostShownBytes));
  };
  return {{"id", task.id},
          {"name", task.name},
          {"args", shown(task.args, task.args_shown)},
          {"kwargs", shown(task.kwargs, task.kwargs_shown)},
          {"type", task.name},
          {"hostname", core.options.name},
          {"time_start", active.running ? Json(UnixSeconds(active.started)) : Json()},
          {"acknowledged", false},
          {"delivery_info",
           {{"exchange", ""},
            {"routing_key", core.options.queue},
            {"priority", task.priority},
            {"redelivered", task.redelivered}}},
          {"worker_pid", active.running ? Json(::getpid()) : Json()}};
}

const std::map<std::string, ControlMethod>& ControlMethods() {
  static const std::map<std::string, ControlMethod> methods = {
      {"ping", Ping},
      {"hello", Hello},
      {"clock", Clock},
      {"registered", Registered},
      {"active", Active},
      {"reserved", Reserved},
      {"scheduled", Scheduled},
      {"revoked", Revoked},
      {"active_queues", ActiveQueues},
      {"stats", Stats},
      {"conf", Conf},
      {"report", Report},
      {"query_task", QueryTask},
      {"enable_events", EnableEvents},
      {"disable_events", DisableEvents},
      {"heartbeat", Heartbeat},
      {"revoke", Revoke},
      {"terminate", Terminate},
      {"pool_grow", PoolGrow},
      {"pool_shrink", PoolShrink},
      {"add_consumer", AddConsumer},
      {"cancel_consumer", CancelConsumer},
      {"shutdown", Shutdown},
  };
  return methods;
}

}  // namespace gpen::celery
