// A SQLite file that survives power cuts: private, write-ahead logged, checked when it is opened,
// and brought up to date by numbered steps.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/sqlite_database.h"

namespace gpen {

/// Opens or creates the file with mode 0600 in an existing folder; every commit is durable. `alone`
/// keeps every other process out, as FUSE needs it (see ADR 7).
///
/// Errors: those of SqliteDatabase, kUnavailable (no write-ahead log there), kConflict (damaged).
Result<std::unique_ptr<SqliteDatabase>> OpenDurableDatabase(const std::filesystem::path& file,
                                                            std::int64_t busy_timeout_ms,
                                                            bool alone);

/// Runs those of `steps` that were not run yet, all or none. Never change a step that was released:
/// append one. Errors: kConflict (a newer version's file), those of SqliteDatabase.
Result<void> MigrateSchema(SqliteDatabase& database, std::span<const char* const> steps,
                           std::int64_t now_ms);

}  // namespace gpen
