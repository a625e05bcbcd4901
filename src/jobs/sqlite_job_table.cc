#include "jobs/sqlite_job_table.h"

#include "jobs/sqlite_job_row.h"
#include "jobs/sqlite_rows.h"

namespace gpen::jobs {
namespace {

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
  if (!filter.removing_too) sql += " AND removing = 0";
  if (filter.bin != BinFilter::kToo) {
    sql += filter.bin == BinFilter::kOnly ? " AND binned > 0" : " AND binned = 0";
  }
  if (filter.batch) sql += *filter.batch == 0 ? " AND batch IS NULL" : " AND batch = ?";
  if (filter.priority) sql += " AND priority = ?";
  if (!filter.text.empty()) sql += " AND name LIKE ? ESCAPE '\\'";
  if (filter.before != 0) sql += " AND id < ?";
  // Said twice, so that the index of those who have a name is used.
  if (filter.added_by)
    sql += *filter.added_by > 0 ? " AND added_by = ? AND added_by > 0" : " AND added_by = ?";
  if (!filter.key_begin.empty()) sql += " AND key >= ? AND key < ?";
  sql += " ORDER BY id DESC LIMIT ?";
  GPEN_ASSIGN_OR_RETURN(auto select, database_->Prepare(sql));
  for (const JobState state : filter.states) select.Bind(EnumNumber(state));
  if (filter.batch && *filter.batch != 0) select.Bind(*filter.batch);
  if (filter.priority) select.Bind(EnumNumber(*filter.priority));
  if (!filter.text.empty()) select.Bind(LikePattern(filter.text));
  if (filter.before != 0) select.Bind(filter.before);
  if (filter.added_by) select.Bind(*filter.added_by);
  // No byte of UTF-8 is larger than the one that ends the range.
  if (!filter.key_begin.empty()) select.Bind(filter.key_begin).Bind(filter.key_begin + "\xFF");
  return ReadAll(select.Bind(std::int64_t{filter.limit}), ReadJob);
}

Result<std::vector<Job>> SqliteJobTable::WithKey(const KeyQuery& query) {
  GPEN_ASSIGN_OR_RETURN(
      auto select,
      database_->Prepare(query.newest_first
                             ? GPEN_SELECT_JOB "WHERE key = ? AND removing = 0 AND state = ?"
                                               " ORDER BY id DESC LIMIT ?"
                             : GPEN_SELECT_JOB "WHERE key = ? AND removing = 0 AND state = ?"
                                               " ORDER BY id LIMIT ?"));
  return ReadAll(
      select.Bind(query.key).Bind(EnumNumber(query.state)).Bind(std::int64_t{query.most}), ReadJob);
}

Result<std::vector<Job>> SqliteJobTable::Running() {
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare(GPEN_SELECT_JOB "WHERE state = 1 ORDER BY id"));
  return ReadAll(select, ReadJob);
}

Result<std::vector<Job>> SqliteJobTable::Removing(RemovalOf of, int most) {
  GPEN_ASSIGN_OR_RETURN(
      auto select,
      database_->Prepare(of == RemovalOf::kMany ? GPEN_SELECT_JOB
                             "WHERE removing = 1 AND (binned > 0 OR batch IN"
                             " (SELECT id FROM batches WHERE removing = 1)) LIMIT ?"
                                                : GPEN_SELECT_JOB
                             "WHERE removing = 1 AND binned = 0 AND (batch IS NULL OR batch"
                             " NOT IN (SELECT id FROM batches WHERE removing = 1)) LIMIT ?"));
  return ReadAll(select.Bind(std::int64_t{most}), ReadJob);
}

Result<std::optional<Job>> SqliteJobTable::FirstClaimable(Timestamp now, Timestamp latest_backoff,
                                                          const Claimable& claimable) {
  std::string ids;  // Numbers alone.
  for (const JobId id : claimable.except) ids += (ids.empty() ? "" : ",") + std::to_string(id);
  GPEN_ASSIGN_OR_RETURN(
      auto select,
      database_->Prepare(GPEN_SELECT_JOB
                         "WHERE state = 0 AND priority <= ? AND (not_before <= ? OR not_before > ?)"
                         " AND NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.key = jobs.key"
                         " AND other.removing = 0 AND other.state = 1)"
                         " AND NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.key = jobs.key"
                         " AND other.removing = 1)" +
                         (ids.empty() ? "" : " AND id NOT IN (" + ids + ")") +
                         " ORDER BY priority, id LIMIT 1"));
  return ReadFirst(
      select.Bind(EnumNumber(claimable.lowest)).Bind(ToNumber(now)).Bind(ToNumber(latest_backoff)),
      ReadJob);
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
                         "WHERE state >= 2 AND binned = 0 AND pinned = 0 AND removing = 0"
                         " AND finished < ? AND input_bytes >= ? ORDER BY finished, id LIMIT ?"));
  return ReadAll(select.Bind(ToNumber(time)).Bind(Flag(with_input)).Bind(std::int64_t{limit}),
                 ReadJob);
}

Result<JobCounts> SqliteJobTable::Count(std::optional<BatchId> batch) {
  // Counts of all less those that do not count, each from an index alone: jobs that are being
  // removed or in the bin are few or none.
  GPEN_ASSIGN_OR_RETURN(
      auto select,
      database_->Prepare(
          batch ? "SELECT state, COUNT(*) FROM jobs WHERE batch = ?1 GROUP BY state UNION ALL"
                  " SELECT state, -COUNT(*) FROM jobs WHERE removing = 1 AND batch = ?1"
                  " GROUP BY state UNION ALL"
                  " SELECT state, -COUNT(*) FROM jobs WHERE binned > 0 AND removing = 0"
                  " AND batch = ?1 GROUP BY state"
                : "SELECT state, COUNT(*) FROM jobs GROUP BY state UNION ALL"
                  " SELECT state, -COUNT(*) FROM jobs WHERE removing = 1 GROUP BY state UNION ALL"
                  " SELECT state, -COUNT(*) FROM jobs WHERE binned > 0 AND removing = 0"
                  " GROUP BY state"));
  if (batch) select.Bind(*batch);
  JobCounts counts;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return counts;
    const auto state = static_cast<JobState>(select.Integer());
    counts[state] += select.Integer();
  }
}

// Written so that both sums come from jobs_by_size alone: rows are long.
Result<std::int64_t> SqliteJobTable::StoredBytes() {
  return database_->QueryInteger(
      "SELECT (SELECT COALESCE(SUM(input_bytes), 0) FROM jobs)"
      " + (SELECT COALESCE(SUM(size), 0) FROM"
      " (SELECT MAX(CASE state WHEN 2 THEN result_bytes ELSE 0 END) AS size FROM jobs"
      " GROUP BY key))");
}

Result<std::int64_t> SqliteJobTable::WaitingBytes() {
  return database_->QueryInteger("SELECT COALESCE(SUM(input_bytes), 0) FROM jobs WHERE state < 2");
}

Result<PostponedJobs> SqliteJobTable::Postponed(std::optional<PersonId> added_by) {
  // Of a column beside MIN(id) SQLite gives the value in the row with that id.
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare("SELECT COUNT(*), error_message, MIN(id) FROM jobs"
                                           " WHERE state = 0 AND postponed > 0"
                                           " AND (?1 IS NULL OR added_by = ?1)"));
  if (added_by) select.Bind(*added_by);
  GPEN_ASSIGN_OR_RETURN(const auto found, ReadFirst(select, [](SqliteStatement& row) {
                          PostponedJobs postponed;
                          postponed.count = row.Integer();
                          postponed.reason = row.Text();
                          return postponed;
                        }));
  return found.value_or(PostponedJobs{});
}

Result<PersonTotals> SqliteJobTable::TotalsOf(PersonId person) {
  GPEN_ASSIGN_OR_RETURN(
      auto select, database_->Prepare("SELECT state, binned > 0, COUNT(*),"
                                      " SUM(input_bytes + CASE state WHEN 2 THEN result_bytes ELSE"
                                      " 0 END) FROM jobs WHERE added_by = ? AND added_by > 0"
                                      " AND removing = 0 GROUP BY state, binned > 0"));
  select.Bind(person);
  PersonTotals totals;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return totals;
    const auto state = static_cast<JobState>(select.Integer());
    const bool is_binned = select.Integer() != 0;
    (is_binned ? totals.binned : totals.counts[state]) += select.Integer();
    totals.stored_bytes += select.Integer();
  }
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
