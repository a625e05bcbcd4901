#include "gpen/restore_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "gpen/model_command.h"
#include "gpen/photo_list.h"
#include "gpen/photo_option_flags.h"
#include "gpen/restore_run.h"
#include "nn/models_folder.h"
#include "nn/precision_record.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

// A lot of memory for a large photo is taken only where a person asks for large photos: the most
// that a decoder of ours needs for each pixel.
constexpr std::int64_t kMostBytesPerPixel = 48;

void SetLimits(std::int64_t max_megapixels, codec::Limits* limits) {
  const std::int64_t usual = limits->max_pixels;
  limits->max_pixels = max_megapixels * 1'000'000;
  if (limits->max_pixels <= usual) return;
  const std::int64_t bytes = limits->max_pixels * kMostBytesPerPixel;
  limits->max_memory_bytes = std::max(limits->max_memory_bytes, bytes);
  limits->max_file_bytes = std::max(limits->max_file_bytes, bytes);
}

Result<OutputRules> RulesOf(const RestoreArguments& arguments) {
  OutputRules rules;
  rules.file = arguments.output_file;
  rules.folder = arguments.output_folder;
  rules.in_place = arguments.in_place;
  rules.takes_results = arguments.force;
  rules.compares = arguments.compare;
  rules.format = arguments.options.format;
  const std::string extension = rules.file.extension().string();
  const auto named = codec::FormatFromName(extension);
  if (!extension.empty() && !named) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("-o {}: expected a name that ends in {}, found {}", rules.file.string(),
                    ".jpg, .png, .webp, .tif, .heic or .avif", extension));
  }
  if (rules.format && named && *rules.format != *named) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("-o {} and --format {} are different formats: leave one of them out",
                             rules.file.string(), codec::NameOf(*rules.format)));
  }
  if (!rules.format) rules.format = named;
  return rules;
}

ExitCode RunRestore(RestoreArguments arguments) {
  const auto refuse = [&](const Error& error) {
    if (arguments.json) PrintFailures(error, arguments.inputs);
    ComplainAbout(error, "", false);
    return ExitCode::kUsage;
  };
  const auto rules = RulesOf(arguments);
  if (!rules) return refuse(rules.error());
  const std::vector<fs::path> inputs(arguments.inputs.begin(), arguments.inputs.end());
  const auto list = ListPhotos(inputs, arguments.recursive, *rules);
  if (!list) return refuse(list.error());
  const auto& find = arguments.options.restore.find;
  if (list->tasks.size() > 1 && (!find.by_hand.empty() || !find.leave.empty())) {
    return refuse({ErrorCode::kInvalidArgument,
                   fmt::format("--face and --leave are places in one photo: expected one input, "
                               "found {}",
                               list->tasks.size())});
  }
  arguments.options.format = rules->format;
  arguments.restorer.models_folder = nn::FindModelsFolder(arguments.models);
  arguments.restorer.model = arguments.options.model.value_or(arguments.restorer.model);
  arguments.restorer.precision_record = nn::PrecisionRecordPath();
  if (const auto models =
          restore::FindModels(arguments.restorer.models_folder, arguments.restorer.model);
      !models) {
    // Says which are installed, where it was one by name.
    const auto found = FindInstalled(arguments.restorer.models_folder, arguments.restorer.model);
    const Error error =
        found || arguments.restorer.model == restore::kAutoModel ? models.error() : found.error();
    refuse(error);
    return TraitsOf(error.code()).exit_code;
  }
  SetLimits(arguments.max_megapixels, &arguments.restorer.limits);
  return RunRestoreTasks(arguments, *list);
}

void AddOptions(CLI::App* command, RestoreArguments* arguments) {
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
  command->add_flag("--no-keep-date", arguments->no_keep_date,
                    "Date results of now; else they get the photo's date of modification");
  command->add_flag("--force", arguments->force, "Replace results that are there already");
  command->add_flag("--dry-run", arguments->dry_run, "Only show what would be written");
  command->add_flag("--json", arguments->json, "Report as one JSON object a line");
  auto* quiet = command->add_flag("-q,--quiet", arguments->quiet, "Say only what went wrong");
  command
      ->add_flag("-v,--verbose", arguments->verbose,
                 "Also say where the faces are, how sure it is of them, and the time it took")
      ->excludes(quiet);
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
  const auto arguments = std::make_shared<RestoreArguments>();
  AddOptions(command, arguments.get());
  command->callback([arguments, exit_code] { *exit_code = RunRestore(*arguments); });
}

}  // namespace gpen::app
