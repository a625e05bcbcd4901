#include "base/durable_database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace gpen {
namespace {

namespace fs = std::filesystem;

// SQLite would create the file with the umask's rights; -wal and -shm copy those of the file. An
// existing file is not opened here: closing it would drop this process's POSIX locks on it.
Result<void> MakePrivateFile(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    ::close(descriptor);
    return {};
  }
  if (errno == EEXIST && ::chmod(file.c_str(), 0600) == 0) return {};
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot open the database {}: {}; make its folder writable for this "
                           "user",
                           file.string(), std::strerror(errno)));
}

Result<void> MigrateInTransaction(SqliteDatabase& database, std::span<const char* const> steps,
                                  std::int64_t now_ms) {
  GPEN_ASSIGN_OR_RETURN(const std::int64_t version,
                        database.QueryInteger("SELECT MAX(version) FROM schema_version"));
  const auto newest = static_cast<std::int64_t>(steps.size());
  if (version > newest) {
    return Error(ErrorCode::kConflict,
                 fmt::format("the database has schema {}, this version knows up to {}: it "
                             "was used by a newer version; install that one again, or move the "
                             "file away",
                             version, newest));
  }
  for (std::int64_t step = version; step < newest; ++step) {
    GPEN_TRY(database.Execute(steps[static_cast<std::size_t>(step)]));
    GPEN_ASSIGN_OR_RETURN(auto insert,
                          database.Prepare("INSERT INTO schema_version VALUES (?, ?)"));
    GPEN_TRY(insert.Bind(step + 1).Bind(now_ms).Run());
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<SqliteDatabase>> OpenDurableDatabase(const fs::path& file,
                                                            std::int64_t busy_timeout_ms,
                                                            bool alone) {
  GPEN_TRY(MakePrivateFile(file));
  GPEN_ASSIGN_OR_RETURN(auto database, SqliteDatabase::Open(file, busy_timeout_ms));
  // Keeps the index of the log in this process's memory instead of a file that is mapped: such maps
  // are not to be relied on in FUSE. The price: no other process can open the database meanwhile.
  if (alone) GPEN_TRY(database->Execute("PRAGMA locking_mode = EXCLUSIVE"));
  GPEN_ASSIGN_OR_RETURN(const std::string mode, database->QueryText("PRAGMA journal_mode = WAL"));
  if (mode != "wal") {
    return Error(
        ErrorCode::kUnavailable,
        fmt::format("the database {}: expected write-ahead logging, the file system gives '{}'; "
                    "choose a data folder on another disk",
                    file.string(), mode));
  }
  GPEN_TRY(database->Execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"));
  GPEN_ASSIGN_OR_RETURN(const std::string check, database->QueryText("PRAGMA integrity_check(1)"));
  if (check == "ok") return database;
  return Error(
      ErrorCode::kConflict,
      fmt::format("the database {} is damaged ({}); move the file (and those with -wal and -shm at "
                  "its end) away and start again: finished photos stay, what was remembered of "
                  "them starts empty",
                  file.string(), check));
}

Result<void> MigrateSchema(SqliteDatabase& database, std::span<const char* const> steps,
                           std::int64_t now_ms) {
  GPEN_TRY(database.Execute("BEGIN IMMEDIATE"));
  auto migrated = database.Execute(
      "CREATE TABLE IF NOT EXISTS schema_version "
      "(version INTEGER PRIMARY KEY, applied INTEGER NOT NULL)");
  if (migrated) migrated = MigrateInTransaction(database, steps, now_ms);
  if (migrated) migrated = database.Execute("COMMIT");
  if (!migrated && database.InTransaction()) {
    // The first error is the one that tells.
    [[maybe_unused]] const auto rolled_back = database.Execute("ROLLBACK");
  }
  return migrated;
}

}  // namespace gpen
