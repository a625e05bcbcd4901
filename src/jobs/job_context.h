// JobContext: the running job's line to the queue: when to stop, and how far it is.
//
// Made by the WorkerPool for one run of one job. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "jobs/job_store.h"

namespace gpen::jobs {

enum class StopReason : std::uint8_t {
  kNone,
  kCancelled,  ///< Somebody cancelled the job.
  kPaused,     ///< The queue was paused: the job goes back, undone.
  kHeld,       ///< The gate (heat, quiet hours) interrupts: the job goes back, undone.
  kShutdown,   ///< The pool stops: the job goes back, undone.
  kGivenBack,  ///< The other machine that was to do it did not: the job goes back, undone.
  kLeaseLost,  ///< Another worker may have it: the result would be refused.
};

class JobContext {
 public:
  /// `store` and `clock` must outlive the context. Progress goes to the store at most once per
  /// `report_every`, and at once when the step changes.
  JobContext(JobStore& store, const Clock& clock, Lease lease, Milliseconds report_every,
             JobPriority priority = JobPriority::kInteractive);

  /// Asks for a stop. Poll it between faces, or hand it to what takes a stop_token; then return an
  /// Error with kCancelled.
  std::stop_token stop_token() const { return stop_.get_token(); }
  bool ShouldStop() const { return stop_.stop_requested(); }
  StopReason stop_reason() const { return reason_.load(); }

  /// `step` is for people ("face 2 of 5"), `fraction` goes from 0 to 1.
  void Progress(const std::string& step, double fraction);

  /// For the job's own code: it lacks something that is not its fault and that may come back, as
  /// `error` says. Return what this returns: the job then waits and loses no attempt.
  Error HoldBack(Error error);
  bool is_held_back() const { return held_back_.load(); }

  /// The first reason stays.
  void RequestStop(StopReason reason);
  const Lease& lease() const { return lease_; }
  /// The job's class.
  JobPriority priority() const { return priority_; }

 private:
  JobStore& store_;
  const Clock& clock_;
  const Lease lease_;
  const Milliseconds report_every_;
  const JobPriority priority_;
  std::stop_source stop_;
  std::atomic<StopReason> reason_{StopReason::kNone};
  std::atomic<bool> held_back_ = false;

  std::mutex mutex_;  // Guards the three below.
  std::string last_step_;
  Milliseconds last_report_{0};
  bool reported_ = false;
};

}  // namespace gpen::jobs
