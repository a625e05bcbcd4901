// MemoryJobTable: the rows of the queue without a disk, for tests; and a JobStore on it.
#pragma once

#include <algorithm>
#include <cctype>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "jobs/job_store.h"

namespace gpen::jobs {

// The plain twin of SqliteJobTable: every question is a walk over all rows.
class MemoryJobTable : public JobTable {
 public:
  Result<void> Begin(Durability /*durability*/) override {
    before_ = rows_;
    return {};
  }
  Result<void> Commit() override { return {}; }
  void Rollback() override { rows_ = before_; }

  Result<JobId> Insert(const Job& job) override {
    const JobId id = rows_.next_job++;
    rows_.jobs[id] = job;
    rows_.jobs[id].id = id;
    return id;
  }
  Result<void> Update(const Job& job) override {
    if (const auto found = rows_.jobs.find(job.id); found != rows_.jobs.end()) found->second = job;
    return {};
  }
  Result<void> Erase(JobId id) override {
    rows_.jobs.erase(id);
    return {};
  }
  Result<std::optional<Job>> Find(JobId id) override {
    const auto found = rows_.jobs.find(id);
    return found == rows_.jobs.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::vector<Job>> List(const JobFilter& filter) override {
    std::vector<Job> found;
    for (auto job = rows_.jobs.rbegin(); job != rows_.jobs.rend(); ++job) {
      if (found.size() == static_cast<std::size_t>(filter.limit)) break;
      if (Matches(job->second, filter)) found.push_back(job->second);
    }
    return found;
  }
  Result<std::vector<Job>> WithKey(const KeyQuery& query) override {
    auto found = Where([&](const Job& job) {
      return job.key == query.key && job.state == query.state && !job.removing;
    });
    if (query.newest_first) std::reverse(found.begin(), found.end());
    if (found.size() > static_cast<std::size_t>(query.most)) {
      found.resize(static_cast<std::size_t>(query.most));
    }
    return found;
  }
  Result<std::vector<Job>> Running() override {
    return Where([](const Job& job) { return job.state == JobState::kRunning; });
  }
  Result<std::vector<Job>> Removing(RemovalOf of, int most) override {
    auto found = Where([&](const Job& job) {
      const bool is_of_many = job.is_binned() || rows_.removed_batches.contains(job.batch);
      return job.removing && is_of_many == (of == RemovalOf::kMany);
    });
    if (found.size() > static_cast<std::size_t>(most)) found.resize(static_cast<std::size_t>(most));
    return found;
  }

  Result<std::optional<Job>> FirstClaimable(Timestamp now, Timestamp latest_backoff,
                                            const Claimable& claimable) override {
    std::set<std::string> busy_keys;
    for (const auto& [id, job] : rows_.jobs) {
      if (job.state == JobState::kRunning || job.removing) busy_keys.insert(job.key);
    }
    std::optional<Job> best;
    for (const auto& [id, job] : rows_.jobs) {
      if (job.state != JobState::kQueued || job.priority > claimable.lowest ||
          busy_keys.contains(job.key) ||
          (job.not_before > now && job.not_before <= latest_backoff) ||
          std::ranges::count(claimable.except, id) > 0) {
        continue;
      }
      if (!best || job.priority < best->priority) best = job;
    }
    return best;
  }
  Result<std::optional<Timestamp>> NextChange(Timestamp now) override {
    std::optional<Timestamp> next;
    for (const auto& [id, job] : rows_.jobs) {
      if (IsFinished(job.state)) continue;
      const Timestamp time = job.state == JobState::kRunning ? job.lease_expires : job.not_before;
      if (time > now && (!next || time < *next)) next = time;
    }
    return next;
  }

  Result<std::vector<Job>> FinishedBefore(Timestamp time, bool with_input, int limit) override {
    auto found = Where([&](const Job& job) {
      return IsFinished(job.state) && !job.removing && !job.is_binned() && !job.pinned &&
             job.finished < time && (!with_input || job.input_bytes > 0);
    });
    std::stable_sort(found.begin(), found.end(),
                     [](const Job& a, const Job& b) { return a.finished < b.finished; });
    if (found.size() > static_cast<std::size_t>(limit)) {
      found.resize(static_cast<std::size_t>(limit));
    }
    return found;
  }
  Result<std::vector<Job>> BinnedBefore(Timestamp time, int limit) override {
    auto found = Where([&](const Job& job) { return IsInBin(job) && job.binned < time; });
    std::stable_sort(found.begin(), found.end(),
                     [](const Job& a, const Job& b) { return a.binned < b.binned; });
    if (found.size() > static_cast<std::size_t>(limit)) {
      found.resize(static_cast<std::size_t>(limit));
    }
    return found;
  }
  Result<void> MarkBin(std::optional<PersonId> added_by) override {
    for (auto& [id, job] : rows_.jobs) {
      if (job.is_binned() && (!added_by || job.added_by == *added_by)) job.removing = true;
    }
    return {};
  }
  Result<std::int64_t> CountBinned(std::optional<BatchId> batch) override {
    return std::ssize(
        Where([&](const Job& job) { return IsInBin(job) && (!batch || job.batch == *batch); }));
  }
  Result<JobCounts> Count(std::optional<BatchId> batch) override {
    JobCounts counts;
    for (const auto& [id, job] : rows_.jobs) {
      if (!job.removing && !job.is_binned() && (!batch || job.batch == *batch)) ++counts[job.state];
    }
    return counts;
  }
  Result<std::int64_t> StoredBytes() override {
    std::map<std::string, std::int64_t> results;
    std::int64_t bytes = 0;
    for (const auto& [id, job] : rows_.jobs) {
      bytes += job.input_bytes;
      if (job.state == JobState::kDone) {
        results[job.key] = std::max(results[job.key], job.result_bytes);
      }
    }
    for (const auto& [key, size] : results) bytes += size;
    return bytes;
  }

  Result<std::int64_t> WaitingBytes() override {
    std::int64_t bytes = 0;
    for (const auto& [id, job] : rows_.jobs) bytes += IsFinished(job.state) ? 0 : job.input_bytes;
    return bytes;
  }
  Result<PostponedJobs> Postponed(std::optional<PersonId> added_by) override {
    PostponedJobs postponed;
    for (const auto& [id, job] : rows_.jobs) {
      if (job.state != JobState::kQueued || job.postponed == 0) continue;
      if (added_by && job.added_by != *added_by) continue;
      if (postponed.count++ == 0) postponed.reason = job.error_message;
    }
    return postponed;
  }
  Result<PersonTotals> TotalsOf(PersonId person) override {
    PersonTotals totals;
    for (const auto& [id, job] : rows_.jobs) {
      if (job.added_by != person || job.removing) continue;
      ++(job.is_binned() ? totals.binned : totals.counts[job.state]);
      totals.stored_bytes +=
          job.input_bytes + (job.state == JobState::kDone ? job.result_bytes : 0);
    }
    return totals;
  }

  Result<BatchId> InsertBatch(const Batch& batch) override {
    const BatchId id = rows_.next_batch++;
    rows_.batches[id] = batch;
    rows_.batches[id].id = id;
    return id;
  }
  Result<std::optional<Batch>> FindBatch(BatchId id) override {
    const auto found = rows_.batches.find(id);
    if (found == rows_.batches.end() || rows_.removed_batches.contains(id)) return std::nullopt;
    return std::optional(found->second);
  }
  Result<std::vector<Batch>> ListBatches(BatchId before, int limit,
                                         std::optional<PersonId> added_by) override {
    std::vector<Batch> found;
    for (auto batch = rows_.batches.rbegin(); batch != rows_.batches.rend(); ++batch) {
      if (found.size() == static_cast<std::size_t>(limit)) break;
      if (rows_.removed_batches.contains(batch->first) || IsAllInBin(batch->first)) continue;
      if (added_by && batch->second.added_by != *added_by) continue;
      if (before == 0 || batch->first < before) found.push_back(batch->second);
    }
    return found;
  }
  Result<void> MarkBatch(BatchId id, Timestamp now) override {
    rows_.removed_batches.insert(id);
    for (auto& [job_id, job] : rows_.jobs) {
      if (job.batch != id || job.removing) continue;
      job.removing = true;
      if (job.state != JobState::kQueued) continue;
      job.state = JobState::kCancelled;
      job.finished = now;
    }
    return {};
  }
  Result<void> BinBatch(BatchId id, Timestamp now) override {
    for (auto& [job_id, job] : rows_.jobs) {
      if (job.batch != id || job.removing || job.is_binned()) continue;
      job.binned = now;
      if (job.state != JobState::kQueued) continue;
      job.state = JobState::kCancelled;
      job.finished = now;
    }
    return {};
  }
  Result<void> PutBackBatch(BatchId id) override {
    Timestamp last;
    for (const auto& [job_id, job] : rows_.jobs) {
      if (job.batch == id && IsInBin(job)) last = std::max(last, job.binned);
    }
    for (auto& [job_id, job] : rows_.jobs) {
      if (job.batch == id && IsInBin(job) && job.binned == last) job.binned = {};
    }
    return {};
  }
  Result<void> UnmarkBatch(BatchId id) override {
    rows_.removed_batches.erase(id);
    for (auto& [job_id, job] : rows_.jobs) {
      if (job.batch == id) job.removing = false;
    }
    return {};
  }
  Result<void> EraseRemovedBatches() override {
    std::set<BatchId> used;
    for (const auto& [id, job] : rows_.jobs) used.insert(job.batch);
    std::erase_if(rows_.removed_batches,
                  [&](BatchId id) { return !used.contains(id) && rows_.batches.erase(id) > 0; });
    return {};
  }
  Result<void> EraseBatchIfEmpty(BatchId id) override {
    if (Where([&](const Job& job) { return job.batch == id; }).empty()) rows_.batches.erase(id);
    return {};
  }
  Result<void> EraseEmptyBatches(Timestamp created_before) override {
    std::set<BatchId> used;
    for (const auto& [id, job] : rows_.jobs) used.insert(job.batch);
    std::erase_if(rows_.batches, [&](const auto& entry) {
      return !used.contains(entry.first) && entry.second.created < created_before;
    });
    return {};
  }

  Result<std::int64_t> AppendEvent(const JobEvent& event, std::int64_t keep) override {
    rows_.events.push_back(event);
    rows_.events.back().sequence = ++rows_.last_sequence;
    while (static_cast<std::int64_t>(rows_.events.size()) > keep) rows_.events.pop_front();
    return rows_.last_sequence;
  }
  Result<std::vector<JobEvent>> EventsAfter(std::int64_t after, int limit,
                                            const EventFilter& filter) override {
    std::vector<JobEvent> found;
    for (const JobEvent& event : rows_.events) {
      if (found.size() == static_cast<std::size_t>(limit)) break;
      if (event.sequence > after && filter.Passes(event)) found.push_back(event);
    }
    return found;
  }
  Result<std::int64_t> FirstSequence() override {
    return rows_.events.empty() ? 0 : rows_.events.front().sequence;
  }
  Result<std::int64_t> LastSequence() override { return rows_.last_sequence; }

  Result<void> CopyTo(const std::filesystem::path& /*file*/) override {
    return Error(ErrorCode::kInternal, "memory has no file to copy");
  }

  Result<bool> IsPaused() override { return rows_.paused; }
  Result<void> SetPaused(bool paused) override {
    rows_.paused = paused;
    return {};
  }

 private:
  static bool ContainsText(std::string_view text, std::string_view part) {
    const auto equal = [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) ==
             std::tolower(static_cast<unsigned char>(b));
    };
    // Nothing is part of anything, also of an empty name.
    return part.empty() ||
           std::search(text.begin(), text.end(), part.begin(), part.end(), equal) != text.end();
  }

  static bool IsInBin(const Job& job) { return job.is_binned() && !job.removing; }
  bool IsAllInBin(BatchId id) const {
    const auto jobs = Where([&](const Job& job) { return job.batch == id; });
    return !jobs.empty() && std::ranges::all_of(jobs, &Job::is_binned);
  }

  static bool Matches(const Job& job, const JobFilter& filter) {
    return (filter.removing_too || !job.removing) &&
           (filter.bin == BinFilter::kToo || job.is_binned() == (filter.bin == BinFilter::kOnly)) &&
           (filter.states.empty() || std::find(filter.states.begin(), filter.states.end(),
                                               job.state) != filter.states.end()) &&
           (!filter.batch || job.batch == *filter.batch) &&
           (!filter.priority || job.priority == *filter.priority) &&
           (filter.before == 0 || job.id < filter.before) &&
           (!filter.added_by || job.added_by == *filter.added_by) &&
           job.key.starts_with(filter.key_begin) && ContainsText(job.name, filter.text);
  }

  template <typename Predicate>
  std::vector<Job> Where(const Predicate& predicate) const {
    std::vector<Job> found;
    for (const auto& [id, job] : rows_.jobs) {
      if (predicate(job)) found.push_back(job);
    }
    return found;
  }

  struct Rows {
    std::map<JobId, Job> jobs;
    std::map<BatchId, Batch> batches;
    std::set<BatchId> removed_batches;
    std::deque<JobEvent> events;
    JobId next_job = 1;
    BatchId next_batch = 1;
    std::int64_t last_sequence = 0;
    bool paused = false;
  };

  Rows rows_;
  Rows before_;  // At Begin().
};

/// `clock` and `files` must outlive the store.
inline std::unique_ptr<JobStore> MakeMemoryJobStore(const JobStoreOptions& options,
                                                    const Clock& clock, JobFiles& files) {
  return std::make_unique<JobStore>(std::make_unique<MemoryJobTable>(), options, clock, files);
}

}  // namespace gpen::jobs
