#include "gpen/restore_command.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cpu.h"
#include "base/file.h"
#include "gpen/face_files.h"
#include "gpen/interrupt.h"
#include "gpen/photo_list.h"
#include "gpen/photo_option_flags.h"
#include "gpen/progress_line.h"
#include "nn/models_folder.h"
#include "nn/precision_record.h"
#include "restore/photo_restorer.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> inputs;
  std::string output_file;
  std::string output_folder;
  std::string models;
  std::string save_faces;
  std::int64_t max_megapixels = 120;
  bool recursive = false;
  bool compare = false;
  bool in_place = false;
  bool force = false;
  bool dry_run = false;
  bool json = false;
  restore::RestorerOptions restorer;
  restore::PhotoOptions options;
};

// What became of the photos.
struct Tally {
  int done = 0;
  int failed = 0;
  int skipped = 0;

  ExitCode exit_code() const {
    if (failed > 0) return ExitCode::kSomeFailed;
    return done > 0 ? ExitCode::kOk : ExitCode::kNothingToDo;
  }
};

void Complain(const Error& error) { fmt::print(stderr, "gpen: {}\n", error.message()); }

// Keeps the original under `backup`. A backup that is there already is somebody's original: never
// replaced.
Result<void> KeepOriginal(const PhotoTask& task, std::span<const std::byte> bytes) {
  if (task.backup.empty()) return {};
  return WriteFileAtomically(task.backup, bytes, AtomicFile::IfExists::kFail);
}

Result<void> WriteResult(const PhotoTask& task, std::span<const std::byte> original,
                         std::span<const std::byte> bytes, bool may_replace) {
  std::error_code error;
  if (task.output.has_parent_path()) fs::create_directories(task.output.parent_path(), error);
  if (error) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot create the folder {}: {}", task.output.parent_path().string(),
                             error.message()));
  }
  GPEN_TRY(KeepOriginal(task, original));
  GPEN_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(task.output));
  struct stat status = {};
  if (::stat(task.input.c_str(), &status) == 0) GPEN_TRY(file.SetMode(status.st_mode & 0777U));
  GPEN_TRY(file.Write(bytes));
  return file.Commit(may_replace ? AtomicFile::IfExists::kReplace : AtomicFile::IfExists::kFail);
}

Result<restore::PhotoReport> RestoreOne(const restore::PhotoRestorer& restorer,
                                        const Arguments& arguments, const PhotoTask& task,
                                        std::stop_token stop) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        ReadFile(task.input, arguments.restorer.limits.max_file_bytes));
  auto request = restore::RequestFor(arguments.options);
  request.name = task.input.string();
  request.file = bytes;
  request.compare = arguments.compare;
  request.keep_faces = !arguments.save_faces.empty();
  GPEN_ASSIGN_OR_RETURN(auto restored, restorer.Restore(request, stop));
  GPEN_TRY(WriteResult(task, bytes, restored.file, arguments.force || arguments.in_place));
  restored.report.output = task.output.string();
  if (request.compare) {
    auto path = task.output;
    path.replace_extension();
    if (path.extension() == ".restored") path.replace_extension();
    path += ".compare.jpg";
    GPEN_TRY(WriteFileAtomically(path, restored.compare_file));
  }
  if (request.keep_faces) {
    GPEN_TRY(WriteFaces(arguments.save_faces, task.input.stem().string(), restored.faces,
                        request.options));
  }
  return std::move(restored.report);
}

// Prints why a task is not done; true where it is to be done.
bool IsDue(const PhotoTask& task, const Arguments& arguments) {
  std::error_code error;
  const bool exists =
      task.backup.empty() ? fs::exists(task.output, error) : fs::exists(task.backup, error);
  if (!exists || (arguments.force && task.backup.empty())) return true;
  fmt::print(stderr, "{}: left alone, {} is there already{}\n", task.input.string(),
             (task.backup.empty() ? task.output : task.backup).string(),
             task.backup.empty() ? " (--force replaces it)" : "");
  return false;
}

ExitCode RunTasks(const Arguments& arguments, const std::vector<PhotoTask>& tasks) {
  const Interrupt interrupt;
  const auto stop = interrupt.token();
  const auto restorer = restore::PhotoRestorer::Create(arguments.restorer);
  if (!restorer) {
    Complain(restorer.error());
    return TraitsOf(restorer.error().code()).exit_code;
  }
  Tally tally;
  ProgressLine progress(tasks.size());
  for (std::size_t i = 0; i < tasks.size() && !stop.stop_requested(); ++i) {
    const PhotoTask& task = tasks[i];
    progress.Show(i, task.input.filename().string());
    const auto report = RestoreOne(**restorer, arguments, task, stop);
    if (stop.stop_requested() && !report) break;
    progress.Clear();
    if (!report) {
      ++tally.failed;
      Complain(Error(report.error()).WithContext(task.input.string()));
      continue;
    }
    ++tally.done;
    fmt::print("{}",
               arguments.json ? restore::FormatJson(*report) + "\n" : restore::FormatText(*report));
    std::fflush(stdout);
  }
  progress.Clear();
  if (tasks.size() > 1) {
    fmt::print(stderr, "{} restored, {} failed, {} not begun\n", tally.done, tally.failed,
               static_cast<int>(tasks.size()) - tally.done - tally.failed);
  }
  if (stop.stop_requested()) return ExitCode::kInterrupted;
  return tally.exit_code();
}

ExitCode RunRestore(Arguments arguments) {
  OutputRules rules;
  rules.file = arguments.output_file;
  rules.folder = arguments.output_folder;
  rules.in_place = arguments.in_place;
  rules.format = arguments.options.format;
  if (!rules.format && !rules.file.empty()) {
    rules.format = codec::FormatFromName(rules.file.extension().string());
  }
  const std::vector<fs::path> inputs(arguments.inputs.begin(), arguments.inputs.end());
  auto tasks = ListPhotos(inputs, arguments.recursive, rules);
  if (!tasks) {
    Complain(tasks.error());
    return ExitCode::kUsage;
  }
  const auto& find = arguments.options.restore.find;
  if (tasks->size() > 1 && (!find.by_hand.empty() || !find.leave.empty())) {
    fmt::print(stderr,
               "gpen: --face and --leave are places in one photo: expected one input, found {}\n",
               tasks->size());
    return ExitCode::kUsage;
  }
  std::erase_if(*tasks, [&](const PhotoTask& task) { return !IsDue(task, arguments); });
  if (tasks->empty()) {
    fmt::print(stderr, "nothing to do: no photo without a result\n");
    return ExitCode::kNothingToDo;
  }
  if (arguments.dry_run) {
    for (const auto& task : *tasks) {
      fmt::print("{} -> {}\n", task.input.string(), task.output.string());
    }
    return ExitCode::kOk;
  }
  arguments.options.format = rules.format;
  arguments.restorer.models_folder = nn::FindModelsFolder(arguments.models);
  arguments.restorer.precision_record = nn::PrecisionRecordPath();
  arguments.restorer.limits.max_pixels = arguments.max_megapixels * 1'000'000;
  return RunTasks(arguments, *tasks);
}

void AddOptions(CLI::App* command, Arguments* arguments) {
  command->add_option("inputs", arguments->inputs, "Photos, and folders of photos")
      ->required()
      ->type_name("INPUT");
  command->add_option("-o,--output", arguments->output_file, "Result file, for a single photo");
  command->add_option("-d,--directory", arguments->output_folder, "Folder for the results");
  command->add_flag("-r,--recursive", arguments->recursive, "Go into subfolders");
  AddPhotoOptionFlags(command, &arguments->options);
  command->add_flag("--compare", arguments->compare,
                    "Also write before and after side by side (NAME.compare.jpg)");
  command->add_option("--save-faces", arguments->save_faces,
                      "Also write every face's crop, before and after, into this folder");
  command->add_flag("--in-place-with-backup", arguments->in_place,
                    "Replace the photo; the original is kept as NAME.original.EXT");
  command->add_flag("--force", arguments->force, "Replace results that are there already");
  command->add_flag("--dry-run", arguments->dry_run, "Only show what would be written");
  command->add_flag("--json", arguments->json, "Report as one JSON object a line");
  command
      ->add_option("--model", arguments->restorer.model,
                   "Name of an installed model, or auto: by the size of each face")
      ->capture_default_str();
  command->add_option("--models", arguments->models, "Folder of the models");
  arguments->restorer.threads = AvailableCpus();
  command->add_option("--threads", arguments->restorer.threads, "CPU threads to use")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--max-megapixels", arguments->max_megapixels, "Refuse larger photos")
      ->check(CLI::Range(1, 2000))
      ->capture_default_str();
}

}  // namespace

void AddRestoreCommand(CLI::App* app, ExitCode* exit_code) {
  auto* command = app->add_subcommand("restore", "Restore the faces in photos");
  const auto arguments = std::make_shared<Arguments>();
  AddOptions(command, arguments.get());
  command->callback([arguments, exit_code] { *exit_code = RunRestore(*arguments); });
}

}  // namespace gpen::app
