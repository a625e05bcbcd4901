#include "jobs/sqlite_job_store.h"

#include <fmt/format.h>

#include <utility>

#include "base/durable_database.h"
#include "base/file_system.h"
#include "jobs/sqlite_job_table.h"
#include "jobs/sqlite_schema.h"

namespace gpen::jobs {
namespace {

namespace fs = std::filesystem;

fs::path FolderOf(const SqliteOptions& sqlite) {
  return sqlite.file.has_parent_path() ? sqlite.file.parent_path() : ".";
}

// The magic of a file system that the file may lie on.
Result<std::int64_t> CheckFileSystem(const SqliteOptions& sqlite) {
  const fs::path folder = FolderOf(sqlite);
  GPEN_ASSIGN_OR_RETURN(std::int64_t magic, FileSystemMagic(folder));
  if (sqlite.magic_for_testing) magic = sqlite.magic_for_testing(folder);
  const std::string_view name = NetworkFileSystemName(magic);
  if (name.empty()) return magic;
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("the queue's database must be on a local disk, but {} is on a network "
                           "file system ({}), where a power cut or a second machine damages it; "
                           "choose a file on a local disk for it (photos may stay where they are)",
                           folder.string(), name));
}

}  // namespace

Result<OpenedJobStore> OpenSqliteJobStore(const SqliteOptions& sqlite,
                                          const JobStoreOptions& options, const Clock& clock,
                                          JobFiles& files) {
  GPEN_ASSIGN_OR_RETURN(const auto magic, CheckFileSystem(sqlite));
  const bool is_fuse = magic == kFuseMagic;
  GPEN_ASSIGN_OR_RETURN(auto database,
                        OpenDurableDatabase(sqlite.file, sqlite.busy_timeout.count(), is_fuse));
  GPEN_TRY(MigrateSchema(*database, SchemaSteps(), clock.Now().time_since_epoch().count()));
  OpenedJobStore opened;
  GPEN_ASSIGN_OR_RETURN(opened.identity, database->QueryText("SELECT identity FROM queue"));
  GPEN_ASSIGN_OR_RETURN(
      const auto jobs_ever,
      database->QueryInteger(
          "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'jobs'"));
  opened.is_empty = jobs_ever == 0;
  opened.store = std::make_unique<JobStore>(std::make_unique<SqliteJobTable>(std::move(database)),
                                            options, clock, files);
  if (is_fuse) {
    opened.notice = fmt::format(
        "the queue's database lies in {}, on a FUSE file system (a pool or user share): that "
        "works, but a file on one of the disks themselves is quicker and safer in a power cut",
        FolderOf(sqlite).string());
  }
  return opened;
}

}  // namespace gpen::jobs
