// WorkerPool: threads that take jobs from the store and run them, one at a time each.
//
// Idle threads sleep until a job is handed in, a backoff ends or the gate opens. While a job runs,
// a further thread renews its lease and passes on cancel, pause and the gate's wish to interrupt.
#pragma once

#include <condition_variable>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "jobs/job_context.h"
#include "jobs/job_store.h"

namespace gpen::jobs {

/// What heat, quiet hours or load allow now.
struct Admission {
  /// The last class that may start; none: nothing may.
  std::optional<JobPriority> lowest = JobPriority::kWatch;
  /// Running jobs that may not start now are stopped and go back to the queue.
  bool interrupt_running = false;
  /// So many jobs may run at the same time, however many threads there are.
  int most_running = std::numeric_limits<int>::max();
  std::vector<JobId> except = {};  ///< Jobs that may not start; a few.
  /// Added to the pause between jobs; for a person waiting it is the whole pause.
  Milliseconds extra_pause{0};
  std::string reason;  ///< For people, when something is held back.
};

struct WorkerPoolOptions {
  int concurrency = 1;
  /// Between the end of a batch or watch job and the start of the next one of these classes.
  Milliseconds pause_between{5'000};
  Milliseconds lease{60'000};
  Milliseconds heartbeat{10'000};
  /// How often an idle pool looks by itself: changes by other processes are seen no later.
  Milliseconds poll{30'000};
  /// How often the gate is asked while it holds something back or a job runs.
  Milliseconds gate_poll{2'000};
  Milliseconds report_every{500};
  bool background = true;  ///< nice 10 and idle I/O for the worker threads.
};

/// What the pool does, for people and metrics.
struct WorkerPoolStatus {
  int running = 0;
  std::string held_reason;  ///< Why nothing (or not every class) starts now; empty if all may.
  bool pausing_between_jobs = false;
  std::int64_t runs = 0;      ///< Runs ended since the pool started, of any outcome.
  std::string store_problem;  ///< The store's last error (disk full...), empty when it works.
};

/// Why jobs wait that could be done otherwise, for people: what holds the pool, or what some of the
/// queued jobs lack. Empty where nothing does.
std::string HeldReason(const WorkerPoolStatus& pool, const QueueStatus& queue);

class WorkerPool {
 public:
  /// Runs one job. An Error with kCancelled after ShouldStop() means "stopped as asked"; any other
  /// error fails the job, and is tried again where base/error_table.h calls it retryable.
  /// Exceptions become kInternal (std::bad_alloc: kOutOfMemory).
  using Runner = std::function<Result<JobResult>(const Job&, JobContext&)>;
  /// Called by several threads; must be quick.
  using Gate = std::function<Admission()>;

  /// `store` and `clock` must outlive the pool. Without `gate` everything may start.
  WorkerPool(JobStore& store, const Clock& clock, const WorkerPoolOptions& options, Runner runner,
             Gate gate = {});
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void Start();

  /// Interrupts running jobs, which go back to the queue, and returns when all threads have ended.
  void Stop();

  /// Instead of the options' pause_between, from now on.
  void SetPauseBetween(Milliseconds pause);

  /// Looks at the queue and the gate now.
  void Wake();

  WorkerPoolStatus Status() const;

 private:
  struct Running {
    JobContext* context;
    JobPriority priority;
    Milliseconds last_renewal;  // Steady time.
  };
  // What a worker may take now, and for how long it sleeps if there is nothing.
  struct Turn {
    std::optional<JobPriority> lowest;
    Milliseconds sleep{0};
  };

  void Work(int index);
  /// Claims and runs a job, or sleeps until there may be one. False: the pool stops.
  Result<bool> TakeTurn(ClaimRequest* request);
  Turn NextTurn(const Admission& admission);
  /// True where one job more may run; LeaveRoom() must follow then.
  bool TakeRoom(int most);
  void LeaveRoom();
  void RunJob(const Job& job);
  void Enter(const Job& job, JobContext* context);
  void Leave(const Job& job);
  void CatchUp(JobContext& context);
  Result<JobResult> CallRunner(const Job& job, JobContext& context);
  void Settle(JobContext& context, const Result<JobResult>& outcome);
  Result<Job> SettleOnce(JobContext& context, const Result<JobResult>& outcome);
  void Supervise();
  void RenewLeases();
  void StopWhatIsNotAdmitted(const Admission& admission);
  void StopAll(StopReason reason);
  void OnEvent(const JobEvent& event);
  /// What a thread decides by: how many changes there were, and when it looked (steady time).
  struct Seen {
    std::uint64_t changes = 0;
    Milliseconds at{0};
  };
  Seen Look() const;
  /// Sleeps until a change after `seen`, at most until `duration` after that look: what the thread
  /// did since then is part of the pause. False: the pool stops.
  bool Sleep(const Seen& seen, Milliseconds duration);
  void NoteStore(const std::string& problem);
  Admission AskGate() const { return gate_ ? gate_() : Admission{}; }

  JobStore& store_;
  const Clock& clock_;
  const WorkerPoolOptions options_;
  const Runner runner_;
  const Gate gate_;
  Subscription subscription_;

  mutable std::mutex
      mutex_;  // Guards all below but the threads. Never held while calling the store.
  std::condition_variable changed_;
  std::uint64_t changes_ = 0;  // Grows with every reason to look again.
  int busy_ = 0;               // Threads that claim or run a job.
  bool stopping_ = false;
  std::map<JobId, Running> running_;
  std::optional<Milliseconds> last_end_;             // Steady time of the last job's end...
  std::optional<Milliseconds> last_background_end_;  // ...and of the last batch or watch job's.
  Milliseconds pause_between_;
  WorkerPoolStatus status_;

  std::vector<std::thread> workers_;
  std::thread supervisor_;
};

}  // namespace gpen::jobs
