#include "celery/execution.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/error_table.h"
#include "base/guarded.h"
#include "celery/iso_time.h"
#include "celery/message.h"

namespace gpen::celery {
namespace {

constexpr int kMostDoublings = 10;

Failure FailureOf(const WorkerOptions& options, const Error& error) {
  return {.type = options.error_type,
          .module = options.error_module,
          .messages = {error.message(), std::string(TraitsOf(error.code()).name)}};
}

}  // namespace

void Execution::Tell(const char* type, Json fields) {
  fields["uuid"] = task_.id;
  core_->events.SendOfTask(type, std::move(fields));
}

void Execution::Acknowledge() {
  core_->Persist("acknowledging a task", [&]() -> Result<void> {
    // A claim that was lost is somebody else's to acknowledge.
    GPEN_TRY(core_->broker.Acknowledge(active_->delivery));
    return {};
  });
}

// What follows may make no sense: that is said, and holds nothing up.
bool Execution::Follow(const char* what, const std::function<Result<void>()>& step) {
  return core_->Persist(what, [&]() -> Result<void> {
    auto outcome = step();
    const bool is_senseless = !outcome && (outcome.error().code() == ErrorCode::kInvalidArgument ||
                                           outcome.error().code() == ErrorCode::kNotFound);
    if (!is_senseless) return outcome;
    core_->options.log(fmt::format("task {}: {}: {}", task_.id, what, outcome.error().message()));
    return {};
  });
}

// Remote control looks at it meanwhile.
void Execution::SetTask(Task task) {
  const std::scoped_lock lock(core_->mutex);
  task_ = std::move(task);
}

bool Execution::Prepare() {
  const Delivery& delivery = active_->delivery;
  if (delivery.message.empty()) {
    Task task;
    task.id = delivery.task_id;
    SetTask(std::move(task));
    EndAsFailure({.type = "ValueError",
                  .module = "builtins",
                  .messages = {fmt::format(
                      "a message of {} bytes is too large: send where the photo is, not the photo",
                      delivery.bytes)}});
    return false;
  }
  ReadTask read = ReadMessage(delivery.message);
  read.task.redelivered = read.task.redelivered || delivery.attempt > 1;
  SetTask(std::move(read.task));
  if (active_->delivery.task_id.empty()) active_->delivery.task_id = task_.id;
  if (task_.id.empty()) {
    core_->options.log("a message that names no task was dropped");
    Acknowledge();
    return false;
  }
  if (SettleKnown()) return false;
  {
    const std::scoped_lock lock(core_->mutex);
    ++core_->totals[task_.name];
  }
  Tell("task-received", {{"name", task_.name},
                         {"args", task_.args_shown},
                         {"kwargs", task_.kwargs_shown},
                         {"retries", task_.retries},
                         {"eta", task_.eta ? Json(FormatIsoTime(*task_.eta)) : Json()},
                         {"expires", task_.expires ? Json(FormatIsoTime(*task_.expires)) : Json()},
                         {"root_id", task_.root_id},
                         {"parent_id", task_.parent_id}});
  bool is_revoked = false;
  {
    const std::scoped_lock lock(core_->mutex);
    is_revoked = core_->revoked.Contains(task_.id);
  }
  if (read.refusal) {
    EndAsFailure(*read.refusal);
  } else if (is_revoked) {
    EndAsRevoked("revoked");
  } else if (task_.expires && *task_.expires < core_->clock->Now()) {
    EndAsRevoked("expired");
  } else if (delivery.attempt > core_->options.most_attempts) {
    EndAsFailure({.type = "WorkerLostError",
                  .messages = {fmt::format("the worker died over this task {} times",
                                           core_->options.most_attempts)}});
  } else if (std::ranges::count(core_->runner->Names(), task_.name) == 0) {
    EndAsFailure({.type = "NotRegistered", .messages = {task_.name}});
  } else {
    return true;
  }
  return false;
}

// What an earlier delivery has ended needs an acknowledgement alone, and to be counted.
bool Execution::SettleKnown() {
  KnownState known;
  const bool answered = core_->Persist("asking for a result", [&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(known, core_->backend.Find(task_.id));
    return {};
  });
  if (!answered) return true;
  // Whoever sends a failed task again wants it done.
  const bool is_over = known.state == "SUCCESS" || known.state == "REVOKED" ||
                       (known.state == "FAILURE" && task_.redelivered);
  if (!is_over) return false;
  const bool counted = Follow("counting a part of a chord", [&] {
    return core_->workflow.EndPart(task_, known.state, known.result);
  });
  if (counted) Acknowledge();
  return true;
}

void Execution::Run() {
  TaskContext& context = *active_->context;
  core_->Persist("saying that a task has begun", [&]() -> Result<void> {
    const Json info = {{"pid", ::getpid()}, {"hostname", core_->options.name}};
    GPEN_TRY(core_->backend.Store(task_, {.state = "STARTED", .result = Dump(info)}));
    return {};
  });
  Tell("task-started", Json::object());
  const auto outcome = Guarded("a task", [&] { return core_->runner->Run(task_, context); });
  const double seconds =
      static_cast<double>((core_->clock->Steady() - active_->started_steady).count()) / 1000;
  if (outcome) return EndAsSuccess(*outcome, seconds);
  switch (context.stop_reason()) {
    case StopReason::kRevoked:
      return EndAsRevoked("terminated");
    case StopReason::kTimeLimit:
      return EndAsLimit();
    case StopReason::kShutdown:
      return GiveBack();
    case StopReason::kLost:
      return;
    case StopReason::kNone:
      break;
  }
  if (context.is_given_back()) return GiveBack();
  if (TraitsOf(outcome.error().code()).retryable && task_.retries < core_->options.most_retries) {
    return Retry(outcome.error());
  }
  EndAsFailure(FailureOf(core_->options, outcome.error()));
}

bool Execution::Finish(const std::string& state, const std::string& result,
                       const std::string& children) {
  KnownState known{.state = state, .result = result};
  return core_->Persist("storing a result", [&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(
        const bool stored,
        core_->backend.Store(task_, {.state = state, .result = result, .children = children}));
    if (!stored) {
      GPEN_ASSIGN_OR_RETURN(known, core_->backend.Find(task_.id));
    }
    return {};
  }) && Follow("counting a part of a chord", [&] {
           return core_->workflow.EndPart(task_, known.state, known.result);
         });
}

void Execution::EndAsSuccess(const std::string& result, double seconds) {
  std::string children = "[]";
  std::optional<Error> wrong;
  const bool sent = core_->Persist("sending what follows a task", [&]() -> Result<void> {
    auto outcome = core_->workflow.SendFollowers(task_, result);
    if (outcome) {
      children = *std::move(outcome);
      return {};
    }
    if (outcome.error().code() == ErrorCode::kUnavailable) return std::move(outcome).error();
    wrong = std::move(outcome).error();
    return {};
  });
  if (!sent) return;
  if (wrong) return EndAsFailure(FailureOf(core_->options, *wrong));
  if (!Finish("SUCCESS", result, children)) return;
  Acknowledge();
  {
    const std::scoped_lock lock(core_->mutex);
    ++core_->counts.succeeded;
  }
  Tell("task-succeeded", {{"result", result.substr(0, 500)}, {"runtime", seconds}});
}

void Execution::EndAsFailure(const Failure& failure) {
  const std::string result = FormatFailure(failure);
  if (!task_.id.empty()) {
    const bool sent =
        Follow("sending errbacks", [&] { return core_->workflow.SendErrbacks(task_); });
    const bool failed = sent && Follow("ending the rest of a chain", [&] {
                          return core_->workflow.FailFollowers(task_, result);
                        });
    if (!failed || !Finish("FAILURE", result, "[]")) return;
  }
  Acknowledge();
  {
    const std::scoped_lock lock(core_->mutex);
    ++core_->counts.failed;
  }
  Tell("task-failed",
       {{"exception", fmt::format("{}({})", failure.type,
                                  failure.messages.empty() ? "" : failure.messages.front())},
        {"traceback", ""}});
}

void Execution::EndAsRevoked(const std::string& reason) {
  const std::string result = FormatFailure({.type = "TaskRevokedError", .messages = {reason}});
  if (!Finish("REVOKED", result, "[]")) return;
  Acknowledge();
  Tell("task-revoked", {{"terminated", reason == "terminated"},
                        {"expired", reason == "expired"},
                        {"signum", nullptr}});
}

void Execution::EndAsLimit() {
  const bool is_soft =
      task_.soft_limit && (!task_.hard_limit || *task_.soft_limit < *task_.hard_limit);
  const double limit = is_soft ? *task_.soft_limit : task_.hard_limit.value_or(0);
  EndAsFailure({.type = is_soft ? "SoftTimeLimitExceeded" : "TimeLimitExceeded",
                .messages = {fmt::format("{}", limit)}});
}

void Execution::Retry(const Error& error) {
  const auto pause = core_->options.first_retry * (1 << std::min(task_.retries, kMostDoublings));
  const Failure failure = FailureOf(core_->options, error);
  const std::string message =
      RetryOf(active_->delivery.message, task_.retries + 1, core_->clock->Now() + pause);
  const bool stored = core_->Persist("storing that a task is tried again", [&]() -> Result<void> {
    GPEN_TRY(core_->backend.Store(task_, {.state = "RETRY", .result = FormatFailure(failure)}));
    return {};
  });
  if (!stored) return;
  core_->Persist("trying a task again", [&]() -> Result<void> {
    GPEN_TRY(core_->broker.Replace(active_->delivery, message, task_.priority));
    return {};
  });
  Tell("task-retried", {{"exception", error.message()}, {"traceback", ""}});
}

void Execution::GiveBack() {
  // Where the worker stops before that, the others find that it is gone.
  core_->Persist("giving a task back", [&]() -> Result<void> {
    GPEN_TRY(core_->broker.GiveBack(active_->delivery));
    return {};
  });
  const std::scoped_lock lock(core_->mutex);
  ++core_->counts.given_back;
}

}  // namespace gpen::celery
