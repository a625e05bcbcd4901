// A job as a row of SQLite. Internal to the SQLite table.
#pragma once

#include "base/sqlite_database.h"
#include "jobs/job.h"

namespace gpen::jobs {

// All columns but the id, in the order of BindJob() and ReadJob().
#define GPEN_JOB_COLUMNS                                                                        \
  "priority, key, name, payload, input_bytes, input_deleted, batch, state, attempts, "          \
  "max_attempts, not_before, cancel_requested, owner, fence, lease_expires, heartbeat, step, "  \
  "fraction, result, result_bytes, cached, twin, error_code, error_message, created, started, " \
  "finished, removing, postponed, binned, pinned, added_by"
#define GPEN_SELECT_JOB "SELECT id, " GPEN_JOB_COLUMNS " FROM jobs "
// Batch 0 is "none", and NULL to the foreign key.
#define GPEN_JOB_PARAMETERS \
  "?,?,?,?,?,?,NULLIF(?,0),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?"

/// Binds all columns but the id.
SqliteStatement& BindJob(SqliteStatement& statement, const Job& job);
/// Reads what GPEN_SELECT_JOB selects.
Job ReadJob(SqliteStatement& row);

}  // namespace gpen::jobs
