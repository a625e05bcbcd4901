#include "celery/attendant.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "base/guarded.h"
#include "celery/due.h"

namespace gpen::celery {
namespace {

constexpr Milliseconds kListen{500};

}  // namespace

Result<void> DeclareWorker(WorkerCore* core) {
  const Keys& keys = core->options.keys;
  GPEN_TRY(core->broker.Declare());
  GPEN_TRY(core->broker_client.Run({"SADD", keys.Binding("celery.pidbox"),
                                    keys.Bound("", "", core->options.name + ".celery.pidbox")}));
  return {};
}

Attendant::Attendant(WorkerCore* core)
    : core_(core),
      control_(core),
      subscription_(core->options.broker, {}, {core->options.keys.Channel("celery.pidbox")}) {}

void Attendant::Work() {
  const auto& options = core_->options;
  Due renew(options.renew);
  Due restore(RestoreEvery(options));
  Due beat(options.heartbeat);
  core_->events.Send("worker-online", {{"freq", options.heartbeat.count() / 1000},
                                       {"sw_ident", options.software},
                                       {"sw_ver", options.version},
                                       {"sw_sys", "Linux"}});
  while (!core_->stopping()) {
    const auto attended = Guarded("the worker's attendant", [&]() -> Result<void> {
      if (renew.IsNow(core_->clock->Steady())) Renew();
      if (restore.IsNow(core_->clock->Steady())) Restore();
      if (beat.IsNow(core_->clock->Steady())) Beat();
      Listen(std::min(kListen, options.heartbeat));
      return {};
    });
    if (!attended) options.log(attended.error().message());
  }
}

void Attendant::Listen(Milliseconds duration) {
  const auto heard = subscription_.Next(duration);
  if (heard && *heard) control_.Answer((*heard)->payload);
}

void Attendant::Renew() {
  const auto lost = core_->broker.Renew(core_->HeldTags());
  if (!lost) return core_->NoteProblem(lost.error().message());
  const std::scoped_lock lock(core_->mutex);
  for (const auto& tag : *lost) {
    const auto found = core_->active.find(tag);
    if (found == core_->active.end() || !found->second->running) continue;
    found->second->context->RequestStop(StopReason::kLost);
  }
}

// What Celery's monitors know, and after that what a Roster does.
void Attendant::Beat() {
  std::array<double, 3> load = {};
  if (::getloadavg(load.data(), 3) != 3) load = {};
  const auto lowest = core_->runner->LowestPriority();
  Json fields;
  {
    const std::scoped_lock lock(core_->mutex);
    fields = {{"freq", core_->options.heartbeat.count() / 1000},
              {"active", core_->Running()},
              {"processed", core_->counts.succeeded + core_->counts.failed},
              {"loadavg", load},
              {"sw_ident", core_->options.software},
              {"sw_ver", core_->options.version},
              {"sw_sys", "Linux"},
              {"queue", core_->is_consuming ? Json(core_->options.queue) : Json()},
              {"slots", core_->slots},
              {"lowest", lowest ? Json(*lowest) : Json()},
              {"about", core_->options.about}};
  }
  core_->events.Send("worker-heartbeat", std::move(fields));
}

void Attendant::Restore() {
  // A broker that came back empty is told again who is there.
  if (const auto declared = DeclareWorker(core_); !declared) {
    return core_->NoteProblem(declared.error().message());
  }
  const auto restored = core_->broker.RestoreOfTheGone();
  if (!restored) return core_->NoteProblem(restored.error().message());
  if (*restored > 0) {
    core_->options.log(fmt::format("{} tasks of workers that are gone wait again", *restored));
  }
}

}  // namespace gpen::celery
