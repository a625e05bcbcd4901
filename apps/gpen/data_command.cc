#include "gpen/data_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/folder.h"
#include "gpen/configuration_flags.h"
#include "gpen/folder_command.h"
#include "jobs/sqlite_job_store.h"
#include "photos/data_folder.h"
#include "photos/photo_files.h"
#include "photos/queue_copies.h"
#include "photos/queue_match.h"
#include "photos/startup_sweep.h"
#include "restore/face_networks.h"
#include "restore/whole_photo.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  ConfigurationFlags configuration;
  std::string copy;
};

// The data folder, locked against a service, and where its database belongs.
struct Place {
  service::Configuration configuration;
  photos::DataFolder folder;
  fs::path database;
};

Result<Place> Open(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(auto configuration, Configure(arguments.configuration));
  std::error_code error;
  if (!fs::is_directory(configuration.data_folder, error)) {
    return Error(
        ErrorCode::kNotFound,
        fmt::format("there is no data folder {}: say with --data-dir or --config where it is",
                    configuration.data_folder.string()));
  }
  GPEN_ASSIGN_OR_RETURN(auto folder, photos::DataFolder::Open(configuration.data_folder, 0));
  const auto database = configuration.database.empty() ? folder.database() : configuration.database;
  return Place{std::move(configuration), std::move(folder), database};
}

std::int64_t CountFiles(const fs::path& folder) {
  return std::ranges::count_if(EntriesOf(folder), [](const auto& entry) {
    std::error_code failed;
    return entry.is_regular_file(failed) && !entry.path().filename().string().starts_with('.');
  });
}

Result<void> List(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const Place place, Open(arguments));
  const auto& folder = place.folder;
  fmt::print("data folder {}\n", folder.root().string());
  std::error_code error;
  fmt::print("  database  {}{}\n", place.database.string(),
             fs::exists(place.database, error) ? "" : " (MISSING)");
  for (const auto& copy : photos::QueueCopies(folder)) {
    fmt::print("  copy      {}\n", copy.filename().string());
  }
  for (const auto* name : {"uploads", "outputs", "thumbnails", "faces"}) {
    fmt::print("  {:<9} {} files", name, CountFiles(folder.root() / name));
    const auto lost = CountFiles(folder.lost() / name);
    fmt::print("{}\n", lost == 0 ? ""
                                 : fmt::format(", {} of no job in {}", lost,
                                               (folder.lost() / name).string()));
  }
  return {};
}

Result<void> Repair(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const Place place, Open(arguments));
  const auto& folder = place.folder;
  GPEN_ASSIGN_OR_RETURN(const auto models, restore::FindModels(place.configuration.models_folder,
                                                               place.configuration.model));
  const SystemClock clock;
  photos::PhotoFiles files(&folder);
  jobs::JobStoreOptions options;
  options.max_queued = std::max(place.configuration.max_queued, folder.CountPhotos());
  jobs::SqliteOptions sqlite;
  sqlite.file = place.database;
  GPEN_ASSIGN_OR_RETURN(const auto queue, jobs::OpenSqliteJobStore(sqlite, options, clock, files));
  GPEN_ASSIGN_OR_RETURN(
      const int submitted,
      photos::ResubmitLostUploads(
          queue.store.get(), folder,
          {restore::WithParser(restore::FingerprintOf(models), place.configuration.models_folder),
           restore::PhotoModelsFingerprint(place.configuration.models_folder)}));
  GPEN_ASSIGN_OR_RETURN(const auto swept, photos::SweepLeftovers(queue.store.get(), folder));
  GPEN_TRY(photos::AdoptQueue(folder, {place.database, queue.identity, queue.is_empty}));
  fmt::print(
      "{} uploads were handed in again, {} files of no job were set aside in {}. Results of which "
      "the "
      "database knows nothing stay in {}\n",
      submitted, swept.uploads + swept.results, folder.lost().string(), folder.Output("").string());
  return {};
}

Result<void> Restore(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const Place place, Open(arguments));
  const auto copies = photos::QueueCopies(place.folder);
  const auto copy = arguments.copy.empty()
                        ? copies.begin()
                        : std::ranges::find(copies, arguments.copy, [](const fs::path& path) {
                            return path.filename().string();
                          });
  if (copy == copies.end()) {
    return Error(ErrorCode::kNotFound,
                 copies.empty()
                     ? fmt::format("there are no copies in {}", place.folder.backups().string())
                     : fmt::format("there is no copy {}: 'gpen data list' shows which there are",
                                   arguments.copy));
  }
  GPEN_ASSIGN_OR_RETURN(
      const auto replaced,
      photos::RestoreQueueCopy(*copy, place.database, place.folder, SystemClock().Now()));
  fmt::print(
      "{} is in place; what was there before lies in {}. Photos that were added since stay: "
      "'gpen data repair' hands their uploads in again\n",
      copy->filename().string(), replaced.string());
  return {};
}

}  // namespace

void AddDataCommand(CLI::App* app, ExitCode* exit_code) {
  auto* data = app->add_subcommand("data", "Look after the service's data folder");
  data->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  const auto add = [&](const char* name, const char* help, Result<void> (*run)(const Arguments&)) {
    return AddFolderCommand(data, name, help,
                            {{"--data-dir", "data.folder", "The data folder (data)"},
                             {"--models", "restore.models", "Folder of the models"}},
                            arguments, run, exit_code);
  };
  add("list", "What is in it: files, copies of the database, what was set aside", List);
  add("repair", "Hand uploads of no job in again, set aside what else no job speaks of", Repair);
  add("restore", "Put a copy of the database in its place", Restore)
      ->add_option("copy", arguments->copy, "Which copy; else the newest")
      ->type_name("NAME");
}

}  // namespace gpen::app
