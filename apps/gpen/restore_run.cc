#include "gpen/restore_run.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "gpen/face_files.h"
#include "gpen/interrupt.h"
#include "gpen/printable.h"
#include "gpen/progress_line.h"
#include "gpen/result_file.h"
#include "gpen/run_estimate.h"
#include "restore/photo_restorer.h"
#include "restore/speed_record.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What became of the photos.
struct Tally {
  int restored = 0;
  int unchanged = 0;  // Nothing was to be restored in them.
  int failed = 0;

  int done() const { return restored + unchanged; }
  ExitCode exit_code() const {
    if (failed > 0) return ExitCode::kSomeFailed;
    return done() > 0 ? ExitCode::kOk : ExitCode::kNothingToDo;
  }
  void Print(std::size_t tasks) const {
    std::string text = fmt::format("{} restored, {} failed, {} not begun", restored, failed,
                                   static_cast<int>(tasks) - done() - failed);
    if (unchanged > 0) text += fmt::format("; in {} nothing was to be restored", unchanged);
    fmt::print(stderr, "{}\n", text);
  }
};

void PrintJson(const Json& json) {
  fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
  std::fflush(stdout);
}

Json FailureJson(const std::string& input, const Error& error) {
  return {{"input", input},
          {"output", nullptr},
          {"error", {{"code", TraitsOf(error.code()).name}, {"message", error.message()}}}};
}

void LeaveAlone(const fs::path& input, const std::string& why, const RestoreArguments& arguments) {
  if (arguments.json) {
    PrintJson({{"input", input.string()}, {"output", nullptr}, {"skipped", why}});
  } else if (!arguments.quiet) {
    fmt::print(stderr, "{}\n", Printable(fmt::format("{}: left alone, {}", input.string(), why)));
  }
}

// False where there is a result or a backup already, which is said.
bool IsDue(const PhotoTask& task, const RestoreArguments& arguments) {
  std::error_code error;
  const bool in_place = !task.backup.empty();
  const fs::path& there = in_place ? task.backup : task.output;
  if (!fs::exists(there, error) || (arguments.force && !in_place)) return true;
  LeaveAlone(task.input,
             fmt::format("{} is there already{}", there.string(),
                         in_place ? "" : " (--force replaces it)"),
             arguments);
  return false;
}

Result<restore::PhotoReport> RestoreOne(const restore::PhotoRestorer& restorer,
                                        const RestoreArguments& arguments, const PhotoTask& task,
                                        FaceFiles* face_files, std::stop_token stop) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        ReadFile(task.input, arguments.restorer.limits.max_file_bytes));
  auto request = restore::RequestFor(arguments.options);
  request.name = task.input.string();
  request.file = bytes;
  request.compare = arguments.compare;
  request.keep_faces = !arguments.save_faces.empty();
  GPEN_ASSIGN_OR_RETURN(auto restored, restorer.Restore(request, stop));
  if (request.keep_faces) {
    GPEN_TRY(face_files->Write(task.input, restored.faces, request.options));
  }
  // Where nothing was restored the photo in its place is the result.
  const bool in_place = !task.backup.empty();
  if (in_place && !restored.report.restored_anything()) return std::move(restored.report);
  GPEN_TRY(PutResult(task, restored.file,
                     {.may_replace = arguments.force, .keep_date = !arguments.no_keep_date}));
  restored.report.output = task.output.string();
  if (request.compare) {
    GPEN_TRY(WriteFileAtomically(task.comparison, restored.compare_file));
  }
  return std::move(restored.report);
}

void Print(const restore::PhotoReport& report, const RestoreArguments& arguments) {
  if (arguments.json) {
    fmt::print("{}\n", restore::FormatJson(report));
  } else if (!arguments.quiet) {
    const auto detail = arguments.verbose ? restore::Detail::kFigures : restore::Detail::kPlain;
    fmt::print("{}", Printable(restore::FormatText(report, detail)));
  } else {
    for (const auto& warning : report.warnings) {
      fmt::print(stderr, "{}: warning: {}\n", Printable(report.input), Printable(warning));
    }
  }
  std::fflush(stdout);
}

ExitCode RunDue(const RestoreArguments& arguments, const std::vector<PhotoTask>& tasks) {
  const Interrupt interrupt;
  const auto stop = interrupt.token();
  const auto restorer = restore::PhotoRestorer::Create(arguments.restorer);
  if (!restorer) {
    for (const auto& task : tasks) {
      if (arguments.json) PrintJson(FailureJson(task.input.string(), restorer.error()));
    }
    fmt::print(stderr, "gpen: {}\n", restorer.error().message());
    return TraitsOf(restorer.error().code()).exit_code;
  }
  restore::SpeedRecord speeds(restore::SpeedRecordPath());
  if (!arguments.quiet) SayIfLong(EstimateRun(speeds, arguments, tasks), tasks.size());
  Tally tally;
  FaceFiles face_files(arguments.save_faces, arguments.force);
  ProgressLine progress(tasks.size());
  for (std::size_t i = 0; i < tasks.size() && !stop.stop_requested(); ++i) {
    const PhotoTask& task = tasks[i];
    progress.Show(i, Printable(task.input.filename().string()));
    const auto report = RestoreOne(**restorer, arguments, task, &face_files, stop);
    if (stop.stop_requested() && !report) break;
    progress.Clear();
    if (report) {
      speeds.Learn(restore::FiguresOf(*report), arguments.options.model);
      ++(report->restored_anything() ? tally.restored : tally.unchanged);
      Print(*report, arguments);
    } else {
      ++tally.failed;
      ComplainAbout(report.error(), task.input.string(), arguments.json);
    }
  }
  progress.Clear();
  const auto begun = static_cast<std::size_t>(tally.done() + tally.failed);
  for (std::size_t i = begun; arguments.json && i < tasks.size(); ++i) {
    PrintJson(FailureJson(tasks[i].input.string(), {ErrorCode::kCancelled, "not begun"}));
  }
  if (tasks.size() > 1 && !arguments.quiet) tally.Print(tasks.size());
  return stop.stop_requested() ? ExitCode::kInterrupted : tally.exit_code();
}

ExitCode RunExisting(const RestoreArguments& arguments, const PhotoList& list) {
  for (const auto& result : list.results) {
    LeaveAlone(result, "by its name it is a result of ours (--force restores it again)", arguments);
  }
  std::vector<PhotoTask> due;
  for (const auto& task : list.tasks) {
    if (IsDue(task, arguments)) due.push_back(task);
  }
  if (due.empty()) {
    if (!arguments.quiet) {
      const bool only_folders = list.tasks.empty() && list.subfolders > 0;
      fmt::print(stderr, "nothing to do: no photo without a result{}\n",
                 only_folders ? "; there are subfolders, which -r goes into" : "");
    }
    return ExitCode::kNothingToDo;
  }
  if (!arguments.dry_run) return RunDue(arguments, due);
  for (const auto& task : due) {
    if (arguments.json) {
      PrintJson({{"input", task.input.string()}, {"output", task.output.string()}});
    } else {
      fmt::print("{}\n",
                 Printable(fmt::format("{} -> {}", task.input.string(), task.output.string())));
    }
  }
  return ExitCode::kOk;
}

}  // namespace

void ComplainAbout(const Error& error, const std::string& input, bool json) {
  if (json) PrintJson(FailureJson(input, error));
  fmt::print(
      stderr, "gpen: {}\n",
      Printable(input.empty() ? error.message() : Error(error).WithContext(input).message()));
}

void PrintFailures(const Error& error, const std::vector<std::string>& inputs) {
  for (const auto& input : inputs) PrintJson(FailureJson(input, error));
}

ExitCode RunRestoreTasks(const RestoreArguments& arguments, const PhotoList& list) {
  for (const auto& missing : list.missing) {
    ComplainAbout(NoSuchInput(), missing.string(), arguments.json);
  }
  for (const auto& closed : list.closed) {
    ComplainAbout(ClosedFolder(), closed.string(), arguments.json);
  }
  if (list.missing.empty() && list.closed.empty()) return RunExisting(arguments, list);
  if (list.tasks.empty() && list.results.empty()) {
    return list.closed.empty() ? ExitCode::kUsage : ExitCode::kSomeFailed;
  }
  const ExitCode code = RunExisting(arguments, list);
  return code == ExitCode::kOk || code == ExitCode::kNothingToDo ? ExitCode::kSomeFailed : code;
}

}  // namespace gpen::app
