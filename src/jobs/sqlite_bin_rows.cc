// The part of SqliteJobTable that is about the bin.
#include "jobs/sqlite_job_row.h"
#include "jobs/sqlite_job_table.h"
#include "jobs/sqlite_rows.h"

namespace gpen::jobs {

Result<std::vector<Job>> SqliteJobTable::BinnedBefore(Timestamp time, int limit) {
  GPEN_ASSIGN_OR_RETURN(
      auto select,
      database_->Prepare(GPEN_SELECT_JOB "WHERE binned > 0 AND binned < ? AND removing = 0"
                                         " ORDER BY binned, id LIMIT ?"));
  return ReadAll(select.Bind(ToNumber(time)).Bind(std::int64_t{limit}), ReadJob);
}

Result<void> SqliteJobTable::MarkBin(std::optional<PersonId> added_by) {
  GPEN_ASSIGN_OR_RETURN(
      auto mark, database_->Prepare("UPDATE jobs SET removing = 1 WHERE binned > 0 AND removing = 0"
                                    " AND (?1 IS NULL OR added_by = ?1)"));
  if (added_by) mark.Bind(*added_by);
  return mark.Run();
}

Result<std::int64_t> SqliteJobTable::CountBinned(std::optional<BatchId> batch) {
  if (!batch) {
    return database_->QueryInteger("SELECT COUNT(*) FROM jobs WHERE binned > 0 AND removing = 0");
  }
  GPEN_ASSIGN_OR_RETURN(auto select, database_->Prepare("SELECT COUNT(*) FROM jobs WHERE binned > 0"
                                                        " AND removing = 0 AND batch = ?"));
  GPEN_ASSIGN_OR_RETURN(const auto count, ReadFirst(select.Bind(*batch), [](SqliteStatement& row) {
                          return row.Integer();
                        }));
  return count.value_or(0);
}

Result<void> SqliteJobTable::BinBatch(BatchId id, Timestamp now) {
  GPEN_ASSIGN_OR_RETURN(
      auto jobs, database_->Prepare("UPDATE jobs SET binned = ?2,"
                                    " finished = CASE state WHEN 0 THEN ?2 ELSE finished END,"
                                    " state = CASE state WHEN 0 THEN 4 ELSE state END"
                                    " WHERE batch = ?1 AND removing = 0 AND binned = 0"));
  return jobs.Bind(id).Bind(ToNumber(now)).Run();
}

Result<void> SqliteJobTable::PutBackBatch(BatchId id) {
  GPEN_ASSIGN_OR_RETURN(
      auto jobs, database_->Prepare("UPDATE jobs SET binned = 0 WHERE batch = ?1 AND removing = 0"
                                    " AND binned > 0 AND binned = (SELECT MAX(binned) FROM jobs"
                                    " WHERE batch = ?1 AND removing = 0 AND binned > 0)"));
  return jobs.Bind(id).Run();
}

}  // namespace gpen::jobs
