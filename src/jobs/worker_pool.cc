#include "jobs/worker_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error_table.h"
#include "base/guarded.h"
#include "jobs/background_thread.h"
#include "jobs/worker_identity.h"

namespace gpen::jobs {
namespace {

constexpr Milliseconds kStoreRetry{5'000};
constexpr int kMostForMemory = 8;  // With growing pauses: half an hour.

std::string_view Explain(StopReason reason) {
  switch (reason) {
    case StopReason::kPaused:
      return "the queue was paused";
    case StopReason::kHeld:
      return "interrupted to let the machine rest";
    case StopReason::kShutdown:
      return "the service was stopped";
    case StopReason::kGivenBack:
      return "another machine gave it back";
    default:
      return "stopped";
  }
}

}  // namespace

std::string HeldReason(const WorkerPoolStatus& pool, const QueueStatus& queue) {
  if (!pool.held_reason.empty()) return pool.held_reason;
  if (!pool.store_problem.empty()) return pool.store_problem;
  if (queue.postponed.count == 0) return {};
  return fmt::format("{} of {} wait: {}", queue.postponed.count, queue.counts.unfinished(),
                     queue.postponed.reason);
}

WorkerPool::WorkerPool(JobStore& store, const Clock& clock, const WorkerPoolOptions& options,
                       Runner runner, Gate gate)
    : store_(store),
      clock_(clock),
      options_(options),
      runner_(std::move(runner)),
      gate_(std::move(gate)),
      pause_between_(options.pause_between) {}

WorkerPool::~WorkerPool() { Stop(); }

void WorkerPool::Start() {
  if (supervisor_.joinable()) return;
  subscription_ = store_.Subscribe([this](const JobEvent& event) { OnEvent(event); });
  for (int i = 0; i < options_.concurrency; ++i) workers_.emplace_back([this, i] { Work(i); });
  supervisor_ = std::thread([this] { Supervise(); });
}

void WorkerPool::SetPauseBetween(Milliseconds pause) {
  {
    const std::scoped_lock lock(mutex_);
    pause_between_ = pause;
  }
  Wake();
}

void WorkerPool::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    StopAll(StopReason::kShutdown);
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  if (supervisor_.joinable()) supervisor_.join();
  subscription_ = {};
}

void WorkerPool::Wake() {
  {
    const std::scoped_lock lock(mutex_);
    ++changes_;
  }
  changed_.notify_all();
}

WorkerPoolStatus WorkerPool::Status() const {
  const std::scoped_lock lock(mutex_);
  WorkerPoolStatus status = status_;
  status.running = static_cast<int>(running_.size());
  return status;
}

// --- A worker

void WorkerPool::Work(int index) {
  // What could not be lowered is not worth failing for: the work is the same.
  if (options_.background) LowerThisThread();
  ClaimRequest request{.owner = WorkerIdentity(index), .lease = options_.lease};
  while (true) {
    const auto goes_on = Guarded("a worker of the queue", [&] { return TakeTurn(&request); });
    if (goes_on && !*goes_on) return;
    if (goes_on) continue;
    // Lack of memory passes. A job that was claimed meanwhile comes back when its lease ends.
    NoteStore(goes_on.error().message());
    if (!Sleep(Look(), kStoreRetry)) return;
  }
}

Result<bool> WorkerPool::TakeTurn(ClaimRequest* request) {
  const Seen seen = Look();
  const Admission admission = AskGate();
  const Turn turn = NextTurn(admission);
  Milliseconds sleep = turn.sleep;
  if (turn.lowest && !TakeRoom(admission.most_running)) {
    sleep = std::min(sleep, options_.gate_poll);
  } else if (turn.lowest) {
    const struct Room {
      ~Room() { pool.LeaveRoom(); }
      WorkerPool& pool;
    } room{*this};
    // Stop() must not have to wait for one job more.
    if (!Sleep(seen, Milliseconds(0))) return false;
    request->what = {*turn.lowest, admission.except};
    const auto claim = store_.ClaimNext(*request);
    NoteStore(claim ? std::string() : claim.error().message());
    if (claim && claim->job) {
      RunJob(*claim->job);
      return true;
    }
    if (!claim) sleep = std::min(sleep, kStoreRetry);
    if (claim && claim->next_change) {
      sleep = std::min(sleep, std::max(*claim->next_change - clock_.Now(), Milliseconds(1)));
    }
  }
  return Sleep(seen, sleep);
}

bool WorkerPool::TakeRoom(int most) {
  const std::scoped_lock lock(mutex_);
  if (busy_ >= most) return false;
  ++busy_;
  return true;
}

void WorkerPool::LeaveRoom() {
  const std::scoped_lock lock(mutex_);
  --busy_;
}

WorkerPool::Turn WorkerPool::NextTurn(const Admission& admission) {
  const std::scoped_lock lock(mutex_);
  Turn turn{.lowest = admission.lowest, .sleep = options_.poll};
  const bool held = admission.lowest != JobPriority::kWatch;
  status_.held_reason = held || admission.extra_pause.count() > 0 ? admission.reason : "";
  status_.pausing_between_jobs = false;
  if (held) turn.sleep = std::min(turn.sleep, options_.gate_poll);
  if (!turn.lowest) return turn;

  const Milliseconds now = clock_.Steady();
  const auto wait_until = [&](Milliseconds ready) {
    status_.pausing_between_jobs = true;
    turn.sleep = std::min(turn.sleep, ready - now);
    // The gate may shorten or lengthen the pause meanwhile.
    if (gate_) turn.sleep = std::min(turn.sleep, options_.gate_poll);
  };
  if (last_end_ && now < *last_end_ + admission.extra_pause) {
    wait_until(*last_end_ + admission.extra_pause);
    turn.lowest.reset();
    return turn;
  }
  if (last_background_end_ && *turn.lowest != JobPriority::kInteractive) {
    const Milliseconds ready = *last_background_end_ + pause_between_ + admission.extra_pause;
    if (now < ready) {
      wait_until(ready);
      turn.lowest = JobPriority::kInteractive;
    }
  }
  return turn;
}

void WorkerPool::RunJob(const Job& job) {
  JobContext context(store_, clock_, job.lease(), options_.report_every, job.priority);
  Enter(job, &context);
  // However the run ends, nobody finds the context afterwards.
  const struct Entered {
    ~Entered() { pool.Leave(job); }
    WorkerPool& pool;
    const Job& job;
  } entered{*this, job};
  Settle(context, CallRunner(job, context));
}

void WorkerPool::Enter(const Job& job, JobContext* context) {
  {
    const std::scoped_lock lock(mutex_);
    running_.emplace(job.id, Running{context, job.priority, clock_.Steady()});
    if (stopping_) context->RequestStop(StopReason::kShutdown);
    ++changes_;
  }
  changed_.notify_all();  // The supervisor has work.
}

void WorkerPool::Leave(const Job& job) {
  {
    const std::scoped_lock lock(mutex_);
    running_.erase(job.id);
    last_end_ = clock_.Steady();
    if (job.priority != JobPriority::kInteractive) last_background_end_ = last_end_;
    ++status_.runs;
    ++changes_;
  }
  changed_.notify_all();
}

// A cancel or pause may have come between the claim and the context's entry in running_.
void WorkerPool::CatchUp(JobContext& context) {
  const auto job = store_.Find(context.lease().job);
  if (job && job->cancel_requested) context.RequestStop(StopReason::kCancelled);
  const auto paused = store_.IsPaused();
  if (paused && *paused) context.RequestStop(StopReason::kPaused);
}

Result<JobResult> WorkerPool::CallRunner(const Job& job, JobContext& context) {
  return Guarded("the job", [&]() -> Result<JobResult> {
    CatchUp(context);
    if (context.ShouldStop()) return Error(ErrorCode::kCancelled, "stopped before it began");
    return runner_(job, context);
  });
}

// The work is done: a full disk must not lose it, so this waits until the store takes the outcome.
// Stop() ends the waiting; the job is then run again after the next start.
void WorkerPool::Settle(JobContext& context, const Result<JobResult>& outcome) {
  while (true) {
    const Seen seen = Look();
    const auto settled = Guarded("the end of a job", [&] { return SettleOnce(context, outcome); });
    if (settled || settled.error().code() == ErrorCode::kConflict) {
      NoteStore({});
      return;
    }
    NoteStore(settled.error().message());
    if (!Sleep(seen, kStoreRetry)) return;
  }
}

Result<Job> WorkerPool::SettleOnce(JobContext& context, const Result<JobResult>& outcome) {
  const Lease& lease = context.lease();
  if (outcome) return store_.Complete(lease, *outcome);
  if (context.is_held_back()) return store_.Postpone(lease, outcome.error());
  if (outcome.error().code() == ErrorCode::kOutOfMemory) {
    // Other programs may give some back; what never fits must end some day.
    return store_.Postpone(lease, outcome.error(), kMostForMemory);
  }
  const StopReason reason = context.stop_reason();
  if (outcome.error().code() != ErrorCode::kCancelled || reason == StopReason::kNone) {
    return store_.Fail(lease, outcome.error(), TraitsOf(outcome.error().code()).retryable);
  }
  if (reason == StopReason::kCancelled) return store_.AcceptCancel(lease);
  if (reason == StopReason::kLeaseLost) return Error(ErrorCode::kConflict, "the lease is lost");
  return store_.Release(lease, std::string(Explain(reason)));
}

// --- The supervisor

void WorkerPool::Supervise() {
  while (true) {
    bool idle = false;
    Seen seen;
    {
      std::unique_lock lock(mutex_);
      while (running_.empty() && !stopping_) clock_.Wait(changed_, lock, options_.poll);
      idle = running_.empty();
      seen = {.changes = changes_, .at = clock_.Steady()};
    }
    // When stopping, the workers may be about to run a job that they have claimed: it needs no
    // renewal, because it is asked to stop at once.
    if (idle) return;
    // What fails for lack of memory is done the next time: leases are longer than that.
    [[maybe_unused]] const auto looked_after = Guarded("the running jobs", [&]() -> Result<void> {
      StopWhatIsNotAdmitted(AskGate());
      RenewLeases();
      return {};
    });
    const Milliseconds interval =
        gate_ ? std::min(options_.heartbeat, options_.gate_poll) : options_.heartbeat;
    std::unique_lock lock(mutex_);
    const Milliseconds until = seen.at + interval;
    while (changes_ == seen.changes && clock_.Steady() < until) {
      clock_.Wait(changed_, lock, until - clock_.Steady());
    }
  }
}

void WorkerPool::RenewLeases() {
  std::vector<Lease> due;
  {
    const std::scoped_lock lock(mutex_);
    const Milliseconds now = clock_.Steady();
    for (auto& [id, running] : running_) {
      if (now - running.last_renewal < options_.heartbeat) continue;
      running.last_renewal = now;
      due.push_back(running.context->lease());
    }
  }
  if (due.empty()) return;
  const auto paused = store_.IsPaused();
  for (const Lease& lease : due) {
    const auto state = store_.Renew(lease, options_.lease);
    const std::scoped_lock lock(mutex_);
    const auto found = running_.find(lease.job);
    if (found == running_.end() || found->second.context->lease().fence != lease.fence) continue;
    JobContext& context = *found->second.context;
    if (!state && state.error().code() == ErrorCode::kConflict) {
      context.RequestStop(StopReason::kLeaseLost);
    } else if (state && state->cancel_requested) {
      context.RequestStop(StopReason::kCancelled);
    } else if (paused && *paused) {
      context.RequestStop(StopReason::kPaused);
    }
  }
}

void WorkerPool::StopWhatIsNotAdmitted(const Admission& admission) {
  if (!admission.interrupt_running) return;
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, running] : running_) {
    if (!admission.lowest || running.priority > *admission.lowest) {
      running.context->RequestStop(StopReason::kHeld);
    }
  }
}

void WorkerPool::StopAll(StopReason reason) {
  for (const auto& [id, running] : running_) running.context->RequestStop(reason);
}

void WorkerPool::OnEvent(const JobEvent& event) {
  {
    const std::scoped_lock lock(mutex_);
    switch (event.kind) {
      case JobEventKind::kStarted:
      case JobEventKind::kProgress:
        return;  // Nothing becomes claimable by these.
      case JobEventKind::kQueuePaused:
        StopAll(StopReason::kPaused);
        break;
      case JobEventKind::kCancelRequested:
        if (const auto found = running_.find(event.job); found != running_.end()) {
          found->second.context->RequestStop(StopReason::kCancelled);
        }
        break;
      default:
        break;
    }
    ++changes_;
  }
  changed_.notify_all();
}

WorkerPool::Seen WorkerPool::Look() const {
  const std::scoped_lock lock(mutex_);
  return {.changes = changes_, .at = clock_.Steady()};
}

bool WorkerPool::Sleep(const Seen& seen, Milliseconds duration) {
  std::unique_lock lock(mutex_);
  const Milliseconds until = seen.at + duration;
  while (!stopping_ && changes_ == seen.changes && clock_.Steady() < until) {
    clock_.Wait(changed_, lock, until - clock_.Steady());
  }
  return !stopping_;
}

void WorkerPool::NoteStore(const std::string& problem) {
  const std::scoped_lock lock(mutex_);
  status_.store_problem = problem;
}

}  // namespace gpen::jobs
