// The queue's tables, as numbered steps from an empty file to the newest schema.
#pragma once

#include "base/result.h"
#include "jobs/sqlite_database.h"

namespace gpen::jobs {

/// Brings the file to the newest schema; each step is one transaction. Safe when several processes
/// open the file at once. Errors: kConflict (made by a newer version), those of SqliteDatabase.
Result<void> MigrateSchema(SqliteDatabase& database, std::int64_t now_ms);

}  // namespace gpen::jobs
