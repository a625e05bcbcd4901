#include "jobs/sqlite_schema.h"

#include <array>

namespace gpen::jobs {
namespace {

// Never change a step that was released: append one. Times are milliseconds since 1970, UTC; states
// and classes are the numbers of the enums in job.h.
constexpr std::array<const char*, 5> kSteps = {
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
    // Tells this queue from every other, for whoever keeps files that belong to it.
    R"sql(
      ALTER TABLE queue ADD COLUMN identity TEXT NOT NULL DEFAULT '';
      UPDATE queue SET identity = lower(hex(randomblob(16)));
    )sql",
    // Batches are deleted in the background, and every question is answered from an index however
    // many jobs share a key.
    R"sql(
      ALTER TABLE jobs ADD COLUMN postponed INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE batches ADD COLUMN removing INTEGER NOT NULL DEFAULT 0;
      DROP INDEX jobs_by_key;
      CREATE INDEX jobs_by_key ON jobs (key, removing, state);
      CREATE INDEX jobs_by_size ON jobs (key, state, result_bytes, input_bytes);
      CREATE INDEX jobs_waiting ON jobs (input_bytes) WHERE state < 2;
      CREATE INDEX jobs_postponed ON jobs (postponed) WHERE state = 0 AND postponed > 0;
    )sql",
    // The bin, and photos that retention leaves alone.
    R"sql(
      ALTER TABLE jobs ADD COLUMN binned INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE jobs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
      DROP INDEX jobs_by_finish;
      CREATE INDEX jobs_by_finish ON jobs (finished)
        WHERE state >= 2 AND binned = 0 AND pinned = 0;
      CREATE INDEX jobs_binned ON jobs (binned) WHERE binned > 0;
      CREATE INDEX jobs_binned_of_batch ON jobs (batch, state, removing) WHERE binned > 0;
    )sql",
    // Who added what; 0 is nobody by name, whose jobs need no index.
    R"sql(
      ALTER TABLE jobs ADD COLUMN added_by INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE batches ADD COLUMN added_by INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE events ADD COLUMN added_by INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX jobs_of_person ON jobs (added_by) WHERE added_by > 0;
      CREATE INDEX jobs_counted_by_person ON jobs
        (added_by, removing, state, binned, input_bytes, result_bytes) WHERE added_by > 0;
      CREATE INDEX batches_of_person ON batches (added_by) WHERE added_by > 0;
    )sql",
};

}  // namespace

std::span<const char* const> SchemaSteps() { return kSteps; }

}  // namespace gpen::jobs
