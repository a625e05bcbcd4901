#include "jobs/sqlite_job_table.h"

#include <fmt/format.h>

namespace gpen::jobs {
namespace {

// All columns but the id, in the order of BindJob() and ReadJob().
#define GPEN_JOB_COLUMNS                                                                        \
  "priority, key, name, payload, input_bytes, input_deleted, batch, state, attempts, "          \
  "max_attempts, not_before, cancel_requested, owner, fence, lease_expires, heartbeat, step, "  \
  "fraction, result, result_bytes, cached, twin, error_code, error_message, created, started, " \
  "finished, removing"
#define GPEN_SELECT_JOB "SELECT id, " GPEN_JOB_COLUMNS " FROM jobs "
// Batch 0 is "none", and NULL to the foreign key.
#define GPEN_JOB_PARAMETERS "?,?,?,?,?,?,NULLIF(?,0),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?"

std::int64_t ToNumber(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp ToTime(std::int64_t number) { return Timestamp(Milliseconds(number)); }
template <typename Enum>
std::int64_t EnumNumber(Enum value) {
  return static_cast<std::int64_t>(value);
}
std::int64_t Flag(bool value) { return value ? 1 : 0; }

SqliteStatement& BindJob(SqliteStatement& statement, const Job& job) {
  return statement.Bind(EnumNumber(job.priority))
      .Bind(job.key)
      .Bind(job.name)
      .Bind(job.payload)
      .Bind(job.input_bytes)
      .Bind(Flag(job.input_deleted))
      .Bind(job.batch)
      .Bind(EnumNumber(job.state))
      .Bind(std::int64_t{job.attempts})
      .Bind(std::int64_t{job.max_attempts})
      .Bind(ToNumber(job.not_before))
      .Bind(Flag(job.cancel_requested))
      .Bind(job.owner)
      .Bind(job.fence)
      .Bind(ToNumber(job.lease_expires))
      .Bind(ToNumber(job.heartbeat))
      .Bind(job.step)
      .Bind(job.fraction)
      .Bind(job.result)
      .Bind(job.result_bytes)
      .Bind(Flag(job.cached))
      .Bind(job.twin)
      .Bind(job.error_code)
      .Bind(job.error_message)
      .Bind(ToNumber(job.created))
      .Bind(ToNumber(job.started))
      .Bind(ToNumber(job.finished))
      .Bind(Flag(job.removing));
}

Job ReadJob(SqliteStatement& row) {
  Job job;
  job.id = row.Integer();
  job.priority = static_cast<JobPriority>(row.Integer());
  job.key = row.Text();
  job.name = row.Text();
  job.payload = row.Text();
  job.input_bytes = row.Integer();
  job.input_deleted = row.Integer() != 0;
  job.batch = row.Integer();
  job.state = static_cast<JobState>(row.Integer());
  job.attempts = static_cast<int>(row.Integer());
  job.max_attempts = static_cast<int>(row.Integer());
  job.not_before = ToTime(row.Integer());
  job.cancel_requested = row.Integer() != 0;
  job.owner = row.Text();
  job.fence = row.Integer();
  job.lease_expires = ToTime(row.Integer());
  job.heartbeat = ToTime(row.Integer());
  job.step = row.Text();
  job.fraction = row.Real();
  job.result = row.Text();
  job.result_bytes = row.Integer();
  job.cached = row.Integer() != 0;
  job.twin = row.Integer();
  job.error_code = row.Text();
  job.error_message = row.Text();
  job.created = ToTime(row.Integer());
  job.started = ToTime(row.Integer());
  job.finished = ToTime(row.Integer());
  job.removing = row.Integer() != 0;
  return job;
}

JobEvent ReadEvent(SqliteStatement& row) {
  JobEvent event;
  event.sequence = row.Integer();
  event.time = ToTime(row.Integer());
  event.kind = static_cast<JobEventKind>(row.Integer());
  event.job = row.Integer();
  event.batch = row.Integer();
  event.state = static_cast<JobState>(row.Integer());
  event.step = row.Text();
  event.fraction = row.Real();
  event.message = row.Text();
  return event;
}

Batch ReadBatch(SqliteStatement& row) {
  Batch batch;
  batch.id = row.Integer();
  batch.name = row.Text();
  batch.created = ToTime(row.Integer());
  return batch;
}

template <typename Read>
auto ReadAll(SqliteStatement& statement, const Read& read)
    -> Result<std::vector<decltype(read(statement))>> {
  std::vector<decltype(read(statement))> rows;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return rows;
    rows.push_back(read(statement));
  }
}

template <typename Read>
auto ReadFirst(SqliteStatement& statement, const Read& read)
    -> Result<std::optional<decltype(read(statement))>> {
  GPEN_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return std::optional<decltype(read(statement))>();
  return std::optional(read(statement));
}

// `text` as a pattern that matches it anywhere, for LIKE with ESCAPE '\'.
std::string LikePattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace

SqliteJobTable::SqliteJobTable(std::unique_ptr<SqliteDatabase> database)
    : database_(std::move(database)) {}

Result<void> SqliteJobTable::Begin(Durability durability) {
  if (durability != durability_) {
    // With a write-ahead log, NORMAL commits in order but does not wait for the disk.
    GPEN_TRY(database_->Execute(durability == Durability::kDurable
                                    ? "PRAGMA synchronous = FULL"
                                    : "PRAGMA synchronous = NORMAL"));
    durability_ = durability;
  }
  GPEN_ASSIGN_OR_RETURN(auto begin, database_->Prepare("BEGIN IMMEDIATE"));
  return begin.Run();
}

Result<void> SqliteJobTable::Commit() {
  GPEN_ASSIGN_OR_RETURN(auto commit, database_->Prepare("COMMIT"));
  return commit.Run();
}

void SqliteJobTable::Rollback() {
  // SQLite has rolled back by itself after some errors (disk full, I/O).
  if (!database_->InTransaction()) return;
  [[maybe_unused]] const auto rolled_back = database_->Execute("ROLLBACK");
}

Result<JobId> SqliteJobTable::Insert(const Job& job) {
  GPEN_ASSIGN_OR_RETURN(auto insert, database_->Prepare("INSERT INTO jobs (" GPEN_JOB_COLUMNS
                                                        ") VALUES (" GPEN_JOB_PARAMETERS ")"));
  GPEN_TRY(BindJob(insert, job).Run());
  return database_->LastInsertId();
}

Result<void> SqliteJobTable::Update(const Job& job) {
  GPEN_ASSIGN_OR_RETURN(auto update,
                        database_->Prepare("UPDATE jobs SET (" GPEN_JOB_COLUMNS
                                           ") = (" GPEN_JOB_PARAMETERS ") WHERE id = ?"));
  return BindJob(update, job).Bind(job.id).Run();
}

Result<void> SqliteJobTable::Erase(JobId id) {
  GPEN_ASSIGN_OR_RETURN(auto erase, database_->Prepare("DELETE FROM jobs WHERE id = ?"));
  return erase.Bind(id).Run();
}

Result<std::optional<Job>> SqliteJobTable::Find(JobId id) {
  GPEN_ASSIGN_OR_RETURN(auto select, database_->Prepare(GPEN_SELECT_JOB "WHERE id = ?"));
  return ReadFirst(select.Bind(id), ReadJob);
}

Result<std::vector<Job>> SqliteJobTable::List(const JobFilter& filter) {
  // Few different texts come out of this, so the cache of statements stays small.
  std::string sql = GPEN_SELECT_JOB "WHERE 1";
  if (!filter.states.empty()) {
    sql += " AND state IN (?";
    for (std::size_t i = 1; i < filter.states.size(); ++i) sql += ",?";
    sql += ")";
  }
  if (filter.batch) sql += *filter.batch == 0 ? " AND batch IS NULL" : " AND batch = ?";
  if (filter.priority) sql += " AND priority = ?";
  if (!filter.text.empty()) sql += " AND name LIKE ? ESCAPE '\\'";
  if (filter.before != 0) sql += " AND id < ?";
  sql += " ORDER BY id DESC LIMIT ?";
  GPEN_ASSIGN_OR_RETURN(auto select, database_->Prepare(sql));
  for (const JobState state : filter.states) select.Bind(EnumNumber(state));
  if (filter.batch && *filter.batch != 0) select.Bind(*filter.batch);
  if (filter.priority) select.Bind(EnumNumber(*filter.priority));
  if (!filter.text.empty()) select.Bind(LikePattern(filter.text));
  if (filter.before != 0) select.Bind(filter.before);
  return ReadAll(select.Bind(std::int64_t{filter.limit}), ReadJob);
}

Result<std::vector<Job>> SqliteJobTable::WithKey(const std::string& key) {
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare(GPEN_SELECT_JOB "WHERE key = ? ORDER BY id"));
  return ReadAll(select.Bind(key), ReadJob);
}

Result<std::vector<Job>> SqliteJobTable::Running() {
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare(GPEN_SELECT_JOB "WHERE state = 1 ORDER BY id"));
  return ReadAll(select, ReadJob);
}

Result<std::vector<Job>> SqliteJobTable::Removing() {
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare(GPEN_SELECT_JOB "WHERE removing = 1 ORDER BY id"));
  return ReadAll(select, ReadJob);
}

Result<std::optional<Job>> SqliteJobTable::FirstClaimable(Timestamp now, Timestamp latest_backoff,
                                                          JobPriority lowest) {
  GPEN_ASSIGN_OR_RETURN(
      auto select,
      database_->Prepare(GPEN_SELECT_JOB
                         "WHERE state = 0 AND priority <= ? AND (not_before <= ? OR not_before > ?)"
                         " AND NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.key = jobs.key"
                         " AND (other.state = 1 OR other.removing = 1))"
                         " ORDER BY priority, id LIMIT 1"));
  return ReadFirst(
      select.Bind(EnumNumber(lowest)).Bind(ToNumber(now)).Bind(ToNumber(latest_backoff)), ReadJob);
}

Result<std::optional<Timestamp>> SqliteJobTable::NextChange(Timestamp now) {
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare("SELECT MIN(time) FROM ("
                                           "SELECT not_before AS time FROM jobs WHERE state = 0 "
                                           "UNION ALL "
                                           "SELECT lease_expires FROM jobs WHERE state = 1"
                                           ") WHERE time > ?"));
  GPEN_ASSIGN_OR_RETURN(
      const auto time,
      ReadFirst(select.Bind(ToNumber(now)), [](SqliteStatement& row) { return row.Integer(); }));
  // MIN of nothing is NULL, which reads as 0.
  if (!time || *time == 0) return std::optional<Timestamp>();
  return std::optional(ToTime(*time));
}

Result<std::vector<Job>> SqliteJobTable::FinishedBefore(Timestamp time, bool with_input,
                                                        int limit) {
  GPEN_ASSIGN_OR_RETURN(
      auto select,
      database_->Prepare(GPEN_SELECT_JOB
                         "WHERE state >= 2 AND removing = 0 AND finished < ? AND input_bytes >= ?"
                         " ORDER BY finished, id LIMIT ?"));
  return ReadAll(select.Bind(ToNumber(time)).Bind(Flag(with_input)).Bind(std::int64_t{limit}),
                 ReadJob);
}

Result<JobCounts> SqliteJobTable::Count(std::optional<BatchId> batch) {
  GPEN_ASSIGN_OR_RETURN(
      auto select,
      database_->Prepare(batch ? "SELECT state, COUNT(*) FROM jobs WHERE batch = ? GROUP BY state"
                               : "SELECT state, COUNT(*) FROM jobs GROUP BY state"));
  if (batch) select.Bind(*batch);
  JobCounts counts;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return counts;
    const auto state = static_cast<JobState>(select.Integer());
    counts[state] = select.Integer();
  }
}

Result<std::int64_t> SqliteJobTable::StoredBytes() {
  return database_->QueryInteger(
      "SELECT (SELECT COALESCE(SUM(input_bytes), 0) FROM jobs)"
      " + (SELECT COALESCE(SUM(size), 0) FROM"
      " (SELECT MAX(result_bytes) AS size FROM jobs WHERE state = 2 GROUP BY key))");
}

Result<BatchId> SqliteJobTable::InsertBatch(const Batch& batch) {
  GPEN_ASSIGN_OR_RETURN(auto insert,
                        database_->Prepare("INSERT INTO batches (name, created) VALUES (?, ?)"));
  GPEN_TRY(insert.Bind(batch.name).Bind(ToNumber(batch.created)).Run());
  return database_->LastInsertId();
}

Result<std::optional<Batch>> SqliteJobTable::FindBatch(BatchId id) {
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare("SELECT id, name, created FROM batches WHERE id = ?"));
  return ReadFirst(select.Bind(id), ReadBatch);
}

Result<std::vector<Batch>> SqliteJobTable::ListBatches(BatchId before, int limit) {
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare("SELECT id, name, created FROM batches"
                                           " WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2"));
  return ReadAll(select.Bind(before).Bind(std::int64_t{limit}), ReadBatch);
}

Result<void> SqliteJobTable::EraseBatch(BatchId id) {
  GPEN_ASSIGN_OR_RETURN(auto erase, database_->Prepare("DELETE FROM batches WHERE id = ?"));
  return erase.Bind(id).Run();
}

Result<void> SqliteJobTable::EraseEmptyBatches(Timestamp created_before) {
  GPEN_ASSIGN_OR_RETURN(auto erase,
                        database_->Prepare("DELETE FROM batches WHERE created < ? AND NOT EXISTS"
                                           " (SELECT 1 FROM jobs WHERE jobs.batch = batches.id)"));
  return erase.Bind(ToNumber(created_before)).Run();
}

Result<std::int64_t> SqliteJobTable::AppendEvent(const JobEvent& event, std::int64_t keep) {
  GPEN_ASSIGN_OR_RETURN(
      auto insert, database_->Prepare(
                       "INSERT INTO events (time, kind, job, batch, state, step, fraction, message)"
                       " VALUES (?,?,?,?,?,?,?,?)"));
  GPEN_TRY(insert.Bind(ToNumber(event.time))
               .Bind(EnumNumber(event.kind))
               .Bind(event.job)
               .Bind(event.batch)
               .Bind(EnumNumber(event.state))
               .Bind(event.step)
               .Bind(event.fraction)
               .Bind(event.message)
               .Run());
  const std::int64_t sequence = database_->LastInsertId();
  GPEN_ASSIGN_OR_RETURN(auto trim, database_->Prepare("DELETE FROM events WHERE sequence <= ?"));
  GPEN_TRY(trim.Bind(sequence - keep).Run());
  return sequence;
}

Result<std::vector<JobEvent>> SqliteJobTable::EventsAfter(std::int64_t after, int limit,
                                                          const EventFilter& filter) {
  GPEN_ASSIGN_OR_RETURN(
      auto select,
      database_->Prepare("SELECT sequence, time, kind, job, batch, state, step, fraction, message"
                         " FROM events WHERE sequence > ?1 AND (?2 = 0 OR job = ?2)"
                         " AND (?3 = 0 OR batch = ?3) ORDER BY sequence LIMIT ?4"));
  return ReadAll(select.Bind(after).Bind(filter.job).Bind(filter.batch).Bind(std::int64_t{limit}),
                 ReadEvent);
}

Result<std::int64_t> SqliteJobTable::FirstSequence() {
  return database_->QueryInteger("SELECT COALESCE(MIN(sequence), 0) FROM events");
}

Result<std::int64_t> SqliteJobTable::LastSequence() {
  return database_->QueryInteger(
      "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)");
}

Result<void> SqliteJobTable::CopyTo(const std::filesystem::path& file) {
  GPEN_ASSIGN_OR_RETURN(auto copy, database_->Prepare("VACUUM INTO ?"));
  return copy.Bind(file.string()).Run();
}

Result<bool> SqliteJobTable::IsPaused() {
  GPEN_ASSIGN_OR_RETURN(const std::int64_t paused,
                        database_->QueryInteger("SELECT paused FROM queue"));
  return paused != 0;
}

Result<void> SqliteJobTable::SetPaused(bool paused) {
  GPEN_ASSIGN_OR_RETURN(auto update, database_->Prepare("UPDATE queue SET paused = ?"));
  return update.Bind(Flag(paused)).Run();
}

}  // namespace gpen::jobs
