#include "celery/worker.h"

#include <utility>

#include "celery/attendant.h"
#include "celery/consumer.h"
#include "celery/worker_core.h"

namespace gpen::celery {
namespace {

// What a broker that keeps other people's data must be told, and ours should.
void CheckServer(WorkerCore* core) {
  const auto value_of = [&](const char* setting) {
    const auto reply = core->broker_client.Run({"CONFIG", "GET", setting});
    return reply ? reply->TextAt(1) : std::string();  // Perhaps we may not ask.
  };
  const auto policy = value_of("maxmemory-policy");
  if (!policy.empty() && policy != "noeviction") {
    core->options.log(
        "WARNING: Redis drops keys when it is full, tasks too: set maxmemory-policy "
        "to noeviction");
  }
  if (value_of("appendonly") == "no") {
    core->options.log("WARNING: Redis forgets tasks when it is restarted: set appendonly to yes");
  }
}

Result<void> SignOn(WorkerCore* core) {
  GPEN_TRY(DeclareWorker(core));
  GPEN_TRY(core->broker.Renew({}));
  if (core->options.before.empty()) return {};
  return core->broker.SayGone(core->options.before);
}

}  // namespace

Worker::Worker(WorkerOptions options, TaskRunner* runner, const Clock* clock)
    : core_(std::make_unique<WorkerCore>(std::move(options), runner, clock)) {}

Worker::~Worker() { Stop(); }

Result<void> Worker::Start() {
  auto declared = SignOn(core_.get());
  if (!declared && declared.error().code() == ErrorCode::kInvalidArgument) return declared;
  if (declared) CheckServer(core_.get());
  if (!declared) core_->NoteProblem(declared.error().message());
  core_->consumer = std::thread([core = core_.get()] { Consumer(core).Work(); });
  core_->attendant = std::thread([core = core_.get()] { Attendant(core).Work(); });
  return {};
}

void Worker::Stop() {
  if (!core_->consumer.joinable()) return;
  {
    const std::scoped_lock lock(core_->mutex);
    core_->is_stopping = true;
  }
  core_->changed.notify_all();
  // The attendant may wait for the server; meanwhile claims stay renewed for long enough.
  core_->consumer.join();
  core_->attendant.join();
  core_->events.Send("worker-offline", {{"sw_ident", core_->options.software},
                                        {"sw_ver", core_->options.version},
                                        {"sw_sys", "Linux"}});
  // Whatever could not be given back is found by the others at once.
  [[maybe_unused]] const auto gone = core_->broker.SayGone(core_->options.incarnation);
}

bool Worker::shutdown_asked() const {
  const std::scoped_lock lock(core_->mutex);
  return core_->shutdown_asked;
}

WorkerCounts Worker::Counts() const {
  const std::scoped_lock lock(core_->mutex);
  WorkerCounts counts = core_->counts;
  counts.running = core_->Running();
  return counts;
}

}  // namespace gpen::celery
