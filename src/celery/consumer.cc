#include "celery/consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/guarded.h"
#include "celery/execution.h"

namespace gpen::celery {
namespace {

// Tasks that wait for their time are held, as kombu does; with more than these nothing is claimed.
constexpr std::size_t kMostHeld = 500;
constexpr Milliseconds kReportEvery{500};

// When a task that runs is to stop; nothing where it has no limit.
std::optional<Milliseconds> LimitOf(const ActiveTask& active) {
  std::optional<double> seconds = active.task.hard_limit;
  if (active.task.soft_limit && (!seconds || *active.task.soft_limit < *seconds)) {
    seconds = active.task.soft_limit;
  }
  // A limit of years is none.
  if (!seconds || *seconds > 1e8) return std::nullopt;
  return active.started_steady + Milliseconds(static_cast<std::int64_t>(*seconds * 1000));
}

}  // namespace

void Consumer::Work() {
  while (!core_->stopping()) {
    const auto ticked = Guarded("the worker", [&]() -> Result<void> {
      Tick();
      return {};
    });
    if (!ticked) core_->options.log(ticked.error().message());
    std::unique_lock lock(core_->mutex);
    core_->changed.wait_for(lock, core_->options.poll);
  }
  StopAll();
}

void Consumer::Tick() {
  JoinFinished();
  EnforceLimits();
  StartDue();
  GiveBackUnheld();
  ClaimWhileThereIsRoom();
}

void Consumer::JoinFinished() {
  std::vector<std::shared_ptr<ActiveTask>> finished;
  {
    const std::scoped_lock lock(core_->mutex);
    for (const auto& [tag, active] : core_->active) {
      if (active->finished) finished.push_back(active);
    }
  }
  for (const auto& active : finished) Forget(active);
}

void Consumer::Forget(const std::shared_ptr<ActiveTask>& active) {
  if (active->thread.joinable()) active->thread.join();
  const std::scoped_lock lock(core_->mutex);
  core_->active.erase(active->delivery.tag);
}

void Consumer::EnforceLimits() {
  const std::scoped_lock lock(core_->mutex);
  for (const auto& [tag, active] : core_->active) {
    if (!active->running || active->finished) continue;
    const auto limit = LimitOf(*active);
    if (limit && core_->clock->Steady() > *limit) {
      active->context->RequestStop(StopReason::kTimeLimit);
    }
  }
}

void Consumer::StartDue() {
  std::vector<std::shared_ptr<ActiveTask>> due;
  std::vector<std::pair<std::shared_ptr<ActiveTask>, std::string>> ended;
  {
    const std::scoped_lock lock(core_->mutex);
    int room = core_->slots - core_->Running();
    for (const auto& [tag, active] : core_->active) {
      if (active->running) continue;
      const auto now = core_->clock->Now();
      if (core_->revoked.Contains(active->task.id)) {
        ended.emplace_back(active, "revoked");
      } else if (active->task.expires && *active->task.expires < now) {
        ended.emplace_back(active, "expired");
      } else if (room > 0 && active->task.eta.value_or(now) <= now) {
        due.push_back(active);
        --room;
      }
    }
  }
  for (const auto& [active, reason] : ended) {
    Execution(core_, active).EndAsRevoked(reason);
    Forget(active);
  }
  const auto lowest = core_->runner->LowestPriority();
  for (const auto& active : due) {
    if (lowest && active->task.priority <= *lowest) StartTask(active);
  }
}

// The answer to a claim may be lost with the connection, or a task dropped for lack of memory.
// Nobody else takes what is claimed so while this worker lives. Here and in no other thread, since
// no claim is under way then.
void Consumer::GiveBackUnheld() {
  if (!unheld_.IsNow(core_->clock->Steady())) return;
  const auto given = core_->broker.GiveBackUnheld(core_->HeldTags());
  if (!given) {
    unheld_.Again();
    return core_->NoteProblem(given.error().message());
  }
  if (*given > 0) {
    core_->options.log(fmt::format("{} tasks wait again that nobody worked on", *given));
  }
}

bool Consumer::HasRoom() const {
  const std::scoped_lock lock(core_->mutex);
  return !core_->is_stopping && core_->is_consuming && core_->Running() < core_->slots &&
         core_->active.size() < kMostHeld;
}

void Consumer::ClaimWhileThereIsRoom() {
  while (HasRoom()) {
    const auto lowest = core_->runner->LowestPriority();
    if (!lowest) return;
    auto claimed = core_->broker.Claim(*lowest);
    core_->NoteProblem(claimed ? "" : claimed.error().message());
    if (!claimed) return;
    if (claimed->was_broken) {
      core_->options.log(fmt::format("something that is no message was moved to the list {}",
                                     core_->broker.keys().broken()));
      continue;
    }
    if (!claimed->delivery) return;
    Take(*std::move(claimed->delivery));
  }
}

void Consumer::Take(Delivery delivery) {
  const auto active = std::make_shared<ActiveTask>();
  active->delivery = std::move(delivery);
  std::shared_ptr<ActiveTask> before;
  {
    const std::scoped_lock lock(core_->mutex);
    const auto found = core_->active.find(active->delivery.tag);
    if (found != core_->active.end()) before = found->second;
  }
  if (before) Forget(before);  // It was given back a moment ago, and its thread just ends.
  {
    // From here on it is renewed.
    const std::scoped_lock lock(core_->mutex);
    core_->active[active->delivery.tag] = active;
    ++core_->counts.claimed;
  }
  if (!Execution(core_, active).Prepare()) return Forget(active);
  if (!active->task.eta || *active->task.eta <= core_->clock->Now()) StartTask(active);
}

void Consumer::StartTask(const std::shared_ptr<ActiveTask>& active) {
  const auto last_report = std::make_shared<Milliseconds>(-kReportEvery);
  const auto last_step = std::make_shared<std::string>();
  active->context =
      std::make_shared<TaskContext>([core = core_, task = active->task, last_report, last_step](
                                        const std::string& step, double fraction) {
        const auto now = core->clock->Steady();
        if (step == *last_step && now - *last_report < kReportEvery) return;
        *last_report = now;
        *last_step = step;
        const Json progress = {{"step", step}, {"fraction", fraction}};
        // Clients that miss a step see the next.
        [[maybe_unused]] const auto stored =
            core->backend.Store(task, {.state = "PROGRESS", .result = Dump(progress)});
      });
  active->started = core_->clock->Now();
  active->started_steady = core_->clock->Steady();
  const std::scoped_lock lock(core_->mutex);
  active->running = true;
  active->thread = std::thread([core = core_, active] {
    const auto ran = Guarded("a task", [&]() -> Result<void> {
      Execution(core, active).Run();
      return {};
    });
    if (!ran) core->options.log(ran.error().message());
    {
      const std::scoped_lock finished(core->mutex);
      active->finished = true;
    }
    core->changed.notify_all();
  });
}

void Consumer::StopAll() {
  std::vector<std::shared_ptr<ActiveTask>> all;
  {
    const std::scoped_lock lock(core_->mutex);
    for (const auto& [tag, active] : core_->active) {
      all.push_back(active);
      if (active->running) active->context->RequestStop(StopReason::kShutdown);
    }
  }
  for (const auto& active : all) {
    if (!active->running) Execution(core_, active).GiveBack();
    Forget(active);
  }
}

}  // namespace gpen::celery
