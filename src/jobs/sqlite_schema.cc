#include "jobs/sqlite_schema.h"

#include <fmt/format.h>

#include <array>

namespace gpen::jobs {
namespace {

// Never change a step that was released: append one. Times are milliseconds since 1970, UTC; states
// and classes are the numbers of the enums in job.h.
constexpr std::array kSteps = {
    R"sql(
      CREATE TABLE batches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        created INTEGER NOT NULL
      );
      CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 2),
        key TEXT NOT NULL CHECK (key <> ''),
        name TEXT NOT NULL,
        payload TEXT NOT NULL,
        input_bytes INTEGER NOT NULL,
        input_deleted INTEGER NOT NULL,
        batch INTEGER REFERENCES batches(id),
        state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
        attempts INTEGER NOT NULL,
        max_attempts INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        cancel_requested INTEGER NOT NULL,
        owner TEXT NOT NULL,
        fence INTEGER NOT NULL,
        lease_expires INTEGER NOT NULL,
        heartbeat INTEGER NOT NULL,
        step TEXT NOT NULL,
        fraction REAL NOT NULL,
        result TEXT NOT NULL,
        result_bytes INTEGER NOT NULL,
        cached INTEGER NOT NULL,
        twin INTEGER NOT NULL,
        error_code TEXT NOT NULL,
        error_message TEXT NOT NULL,
        created INTEGER NOT NULL,
        started INTEGER NOT NULL,
        finished INTEGER NOT NULL,
        removing INTEGER NOT NULL
      );
      CREATE INDEX jobs_by_state ON jobs (state, priority, id);
      CREATE INDEX jobs_by_key ON jobs (key, state);
      CREATE INDEX jobs_by_batch ON jobs (batch, state);
      CREATE INDEX jobs_by_finish ON jobs (finished) WHERE state >= 2;
      CREATE INDEX jobs_removing ON jobs (removing) WHERE removing = 1;
      CREATE TABLE events (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        time INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        job INTEGER NOT NULL,
        batch INTEGER NOT NULL,
        state INTEGER NOT NULL,
        step TEXT NOT NULL,
        fraction REAL NOT NULL,
        message TEXT NOT NULL
      );
      CREATE TABLE queue (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        paused INTEGER NOT NULL
      );
      INSERT INTO queue VALUES (1, 0);
    )sql",
};

Result<void> MigrateInTransaction(SqliteDatabase& database, std::int64_t now_ms) {
  GPEN_ASSIGN_OR_RETURN(const std::int64_t version,
                        database.QueryInteger("SELECT MAX(version) FROM schema_version"));
  constexpr auto kNewest = static_cast<std::int64_t>(kSteps.size());
  if (version > kNewest) {
    return Error(ErrorCode::kConflict,
                 fmt::format("the queue's database has schema {}, this version knows up to {}: it "
                             "was used by a newer version; install that one again, or move the "
                             "file away",
                             version, kNewest));
  }
  for (std::int64_t step = version; step < kNewest; ++step) {
    GPEN_TRY(database.Execute(kSteps[static_cast<std::size_t>(step)]));
    GPEN_ASSIGN_OR_RETURN(auto insert,
                          database.Prepare("INSERT INTO schema_version VALUES (?, ?)"));
    GPEN_TRY(insert.Bind(step + 1).Bind(now_ms).Run());
  }
  return {};
}

}  // namespace

Result<void> MigrateSchema(SqliteDatabase& database, std::int64_t now_ms) {
  GPEN_TRY(database.Execute("BEGIN IMMEDIATE"));
  auto migrated = database.Execute(
      "CREATE TABLE IF NOT EXISTS schema_version "
      "(version INTEGER PRIMARY KEY, applied INTEGER NOT NULL)");
  if (migrated) migrated = MigrateInTransaction(database, now_ms);
  if (migrated) migrated = database.Execute("COMMIT");
  if (!migrated && database.InTransaction()) {
    // The first error is the one that tells.
    [[maybe_unused]] const auto rolled_back = database.Execute("ROLLBACK");
  }
  return migrated;
}

}  // namespace gpen::jobs
