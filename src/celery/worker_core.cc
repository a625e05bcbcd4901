#include "celery/worker_core.h"

#include <fmt/format.h>

#include <algorithm>

namespace gpen::celery {
namespace {

constexpr std::size_t kMostRevoked = 10'000;
constexpr Milliseconds kRepeatAfter{500};

redis::ClientOptions OptionsFor(const WorkerOptions& options) {
  redis::ClientOptions client;
  client.connection.name = "gpen-worker";
  client.backoff.longest = std::chrono::seconds(5);
  client.connection.reply_timeout = std::min(client.connection.reply_timeout, options.lifetime / 3);
  return client;
}

}  // namespace

void RevokedTasks::Add(const std::string& id) {
  if (!ids_.insert(id).second) return;
  order_.push_back(id);
  if (order_.size() <= kMostRevoked) return;
  ids_.erase(order_.front());
  order_.pop_front();
}

WorkerCore::WorkerCore(WorkerOptions chosen, TaskRunner* task_runner, const Clock* the_clock)
    : options(std::move(chosen)),
      runner(task_runner),
      clock(the_clock),
      began(the_clock->Now()),
      broker_client(options.broker, OptionsFor(options)),
      backend_client(options.backend, OptionsFor(options)),
      broker(&broker_client, options.keys, options.queue, options.incarnation, options.lifetime),
      backend(&backend_client, the_clock, options.keys, options.result_expires),
      events(&broker_client, the_clock, options.keys, options.name),
      workflow(&broker, &backend,
               {.default_queue = options.default_queue,
                .sender = options.name,
                .is_ours =
                    [this](const std::string& name) {
                      return std::ranges::count(runner->Names(), name) > 0;
                    }}),
      slots(options.concurrency) {}

std::vector<std::string> WorkerCore::HeldTags() const {
  const std::scoped_lock lock(mutex);
  std::vector<std::string> tags;
  for (const auto& [tag, task] : active) tags.push_back(tag);
  return tags;
}

bool WorkerCore::stopping() const {
  const std::scoped_lock lock(mutex);
  return is_stopping;
}

bool WorkerCore::Sleep(Milliseconds duration) {
  std::unique_lock lock(mutex);
  changed.wait_for(lock, duration, [this] { return is_stopping; });
  return !is_stopping;
}

void WorkerCore::NoteProblem(const std::string& found) {
  {
    const std::scoped_lock lock(mutex);
    // Messages count down the time until the next try: a change of them is no news.
    if (found.empty() == problem.empty()) return;
    problem = found;
  }
  options.log(found.empty() ? "Redis answers again" : found);
}

bool WorkerCore::Persist(const char* what, const std::function<Result<void>()>& step) {
  while (true) {
    const auto done = step();
    if (done) return true;
    NoteProblem(fmt::format("{}: {}", what, done.error().message()));
    if (!Sleep(kRepeatAfter)) return false;
  }
}

std::shared_ptr<ActiveTask> WorkerCore::FindById(const std::string& id) const {
  for (const auto& [tag, task] : active) {
    if (task->task.id == id) return task;
  }
  return nullptr;
}

int WorkerCore::Running() const {
  return static_cast<int>(
      std::ranges::count_if(active, [](const auto& entry) { return entry.second->running; }));
}

Milliseconds RestoreEvery(const WorkerOptions& options) {
  return std::min(Milliseconds(15'000), options.lifetime / 2);
}

}  // namespace gpen::celery
