// The part of SqliteJobTable that is about batches and events.
#include "jobs/sqlite_job_table.h"
#include "jobs/sqlite_rows.h"

namespace gpen::jobs {
namespace {

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
  event.added_by = row.Integer();
  return event;
}

Batch ReadBatch(SqliteStatement& row) {
  Batch batch;
  batch.id = row.Integer();
  batch.name = row.Text();
  batch.created = ToTime(row.Integer());
  batch.added_by = row.Integer();
  return batch;
}

}  // namespace

Result<BatchId> SqliteJobTable::InsertBatch(const Batch& batch) {
  GPEN_ASSIGN_OR_RETURN(auto insert,
                        database_->Prepare("INSERT INTO batches (name, created, added_by)"
                                           " VALUES (?, ?, ?)"));
  GPEN_TRY(insert.Bind(batch.name).Bind(ToNumber(batch.created)).Bind(batch.added_by).Run());
  return database_->LastInsertId();
}

Result<std::optional<Batch>> SqliteJobTable::FindBatch(BatchId id) {
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare("SELECT id, name, created, added_by FROM batches"
                                           " WHERE id = ? AND removing = 0"));
  return ReadFirst(select.Bind(id), ReadBatch);
}

Result<std::vector<Batch>> SqliteJobTable::ListBatches(BatchId before, int limit,
                                                       std::optional<PersonId> added_by) {
  GPEN_ASSIGN_OR_RETURN(auto select,
                        database_->Prepare("SELECT id, name, created, added_by FROM batches"
                                           " WHERE removing = 0 AND (?1 = 0 OR id < ?1)"
                                           " AND (?3 IS NULL OR added_by = ?3)"
                                           " AND (NOT EXISTS (SELECT 1 FROM jobs WHERE"
                                           " batch = batches.id AND binned > 0)"
                                           " OR EXISTS (SELECT 1 FROM jobs WHERE"
                                           " batch = batches.id AND binned = 0))"
                                           " ORDER BY id DESC LIMIT ?2"));
  select.Bind(before).Bind(std::int64_t{limit});
  if (added_by) select.Bind(*added_by);
  return ReadAll(select, ReadBatch);
}

Result<void> SqliteJobTable::MarkBatch(BatchId id, Timestamp now) {
  GPEN_ASSIGN_OR_RETURN(auto batch,
                        database_->Prepare("UPDATE batches SET removing = 1 WHERE id = ?"));
  GPEN_TRY(batch.Bind(id).Run());
  GPEN_ASSIGN_OR_RETURN(
      auto jobs, database_->Prepare("UPDATE jobs SET removing = 1,"
                                    " finished = CASE state WHEN 0 THEN ?2 ELSE finished END,"
                                    " state = CASE state WHEN 0 THEN 4 ELSE state END"
                                    " WHERE batch = ?1 AND removing = 0"));
  return jobs.Bind(id).Bind(ToNumber(now)).Run();
}

Result<void> SqliteJobTable::UnmarkBatch(BatchId id) {
  GPEN_ASSIGN_OR_RETURN(auto batch,
                        database_->Prepare("UPDATE batches SET removing = 0 WHERE id = ?"));
  GPEN_TRY(batch.Bind(id).Run());
  GPEN_ASSIGN_OR_RETURN(auto jobs,
                        database_->Prepare("UPDATE jobs SET removing = 0 WHERE batch = ?"));
  return jobs.Bind(id).Run();
}

Result<void> SqliteJobTable::EraseRemovedBatches() {
  GPEN_ASSIGN_OR_RETURN(auto erase,
                        database_->Prepare("DELETE FROM batches WHERE removing = 1 AND NOT EXISTS"
                                           " (SELECT 1 FROM jobs WHERE jobs.batch = batches.id)"));
  return erase.Run();
}

Result<void> SqliteJobTable::EraseBatchIfEmpty(BatchId id) {
  GPEN_ASSIGN_OR_RETURN(auto erase,
                        database_->Prepare("DELETE FROM batches WHERE id = ? AND NOT EXISTS"
                                           " (SELECT 1 FROM jobs WHERE jobs.batch = batches.id)"));
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
                       "INSERT INTO events (time, kind, job, batch, state, step, fraction, message,"
                       " added_by) VALUES (?,?,?,?,?,?,?,?,?)"));
  GPEN_TRY(insert.Bind(ToNumber(event.time))
               .Bind(EnumNumber(event.kind))
               .Bind(event.job)
               .Bind(event.batch)
               .Bind(EnumNumber(event.state))
               .Bind(event.step)
               .Bind(event.fraction)
               .Bind(event.message)
               .Bind(event.added_by)
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
      database_->Prepare("SELECT sequence, time, kind, job, batch, state, step, fraction, message,"
                         " added_by FROM events WHERE sequence > ?1 AND (?2 = 0 OR job = ?2)"
                         " AND (?3 = 0 OR batch = ?3) AND (?5 IS NULL OR added_by = ?5"
                         " OR (job = 0 AND batch = 0)) ORDER BY sequence LIMIT ?4"));
  select.Bind(after).Bind(filter.job).Bind(filter.batch).Bind(std::int64_t{limit});
  if (filter.added_by) select.Bind(*filter.added_by);
  return ReadAll(select, ReadEvent);
}

Result<std::int64_t> SqliteJobTable::FirstSequence() {
  return database_->QueryInteger("SELECT COALESCE(MIN(sequence), 0) FROM events");
}

Result<std::int64_t> SqliteJobTable::LastSequence() {
  return database_->QueryInteger(
      "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)");
}

}  // namespace gpen::jobs
