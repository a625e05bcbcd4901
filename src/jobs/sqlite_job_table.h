// SqliteJobTable: the rows of the queue in SQLite.
#pragma once

#include <memory>

#include "base/sqlite_database.h"
#include "jobs/job_table.h"

namespace gpen::jobs {

class SqliteJobTable : public JobTable {
 public:
  /// `database` has the newest schema.
  explicit SqliteJobTable(std::unique_ptr<SqliteDatabase> database);

  Result<void> Begin(Durability durability) override;
  Result<void> Commit() override;
  void Rollback() override;
  Result<JobId> Insert(const Job& job) override;
  Result<void> Update(const Job& job) override;
  Result<void> Erase(JobId id) override;
  Result<std::optional<Job>> Find(JobId id) override;
  Result<std::vector<Job>> List(const JobFilter& filter) override;
  Result<std::vector<Job>> WithKey(const KeyQuery& query) override;
  Result<std::vector<Job>> Running() override;
  Result<std::vector<Job>> Removing(RemovalOf of, int most) override;
  Result<std::optional<Job>> FirstClaimable(Timestamp now, Timestamp latest_backoff,
                                            const Claimable& claimable) override;
  Result<std::optional<Timestamp>> NextChange(Timestamp now) override;
  Result<std::vector<Job>> FinishedBefore(Timestamp time, bool with_input, int limit) override;
  Result<std::vector<Job>> BinnedBefore(Timestamp time, int limit) override;
  Result<void> MarkBin(std::optional<PersonId> added_by) override;
  Result<JobCounts> Count(std::optional<BatchId> batch) override;
  Result<std::int64_t> CountBinned(std::optional<BatchId> batch) override;
  Result<std::int64_t> StoredBytes() override;
  Result<std::int64_t> WaitingBytes() override;
  Result<PostponedJobs> Postponed(std::optional<PersonId> added_by) override;
  Result<PersonTotals> TotalsOf(PersonId person) override;
  Result<BatchId> InsertBatch(const Batch& batch) override;
  Result<std::optional<Batch>> FindBatch(BatchId id) override;
  Result<std::vector<Batch>> ListBatches(BatchId before, int limit,
                                         std::optional<PersonId> added_by) override;
  Result<void> MarkBatch(BatchId id, Timestamp now) override;
  Result<void> BinBatch(BatchId id, Timestamp now) override;
  Result<void> PutBackBatch(BatchId id) override;
  Result<void> UnmarkBatch(BatchId id) override;
  Result<void> EraseRemovedBatches() override;
  Result<void> EraseBatchIfEmpty(BatchId id) override;
  Result<void> EraseEmptyBatches(Timestamp created_before) override;
  Result<std::int64_t> AppendEvent(const JobEvent& event, std::int64_t keep) override;
  Result<std::vector<JobEvent>> EventsAfter(std::int64_t after, int limit,
                                            const EventFilter& filter) override;
  Result<std::int64_t> FirstSequence() override;
  Result<std::int64_t> LastSequence() override;
  Result<void> CopyTo(const std::filesystem::path& file) override;

  Result<bool> IsPaused() override;
  Result<void> SetPaused(bool paused) override;

 private:
  std::unique_ptr<SqliteDatabase> database_;
  Durability durability_ = Durability::kDurable;  // As the database is opened.
};

}  // namespace gpen::jobs
