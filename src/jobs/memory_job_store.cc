#include "jobs/memory_job_store.h"

#include <algorithm>
#include <cctype>
#include <deque>
#include <map>
#include <set>

namespace gpen::jobs {
namespace {

bool ContainsText(std::string_view text, std::string_view part) {
  const auto equal = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), equal) != text.end();
}

bool Matches(const Job& job, const JobFilter& filter) {
  return (filter.states.empty() || std::find(filter.states.begin(), filter.states.end(),
                                             job.state) != filter.states.end()) &&
         (!filter.batch || job.batch == *filter.batch) &&
         (!filter.priority || job.priority == *filter.priority) &&
         (filter.before == 0 || job.id < filter.before) && ContainsText(job.name, filter.text);
}

// The plain twin of SqliteJobTable: every question is a walk over all rows.
class MemoryJobTable : public JobTable {
 public:
  Result<void> Begin(Durability /*durability*/) override { return {}; }
  Result<void> Commit() override { return {}; }
  // Nothing here fails half-way, and the rules check before they change.
  void Rollback() override {}

  Result<JobId> Insert(const Job& job) override {
    const JobId id = next_job_++;
    jobs_[id] = job;
    jobs_[id].id = id;
    return id;
  }
  Result<void> Update(const Job& job) override {
    if (const auto found = jobs_.find(job.id); found != jobs_.end()) found->second = job;
    return {};
  }
  Result<void> Erase(JobId id) override {
    jobs_.erase(id);
    return {};
  }
  Result<std::optional<Job>> Find(JobId id) override {
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::vector<Job>> List(const JobFilter& filter) override {
    std::vector<Job> found;
    for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
      if (found.size() == static_cast<std::size_t>(filter.limit)) break;
      if (Matches(job->second, filter)) found.push_back(job->second);
    }
    return found;
  }
  Result<std::vector<Job>> WithKey(const std::string& key) override {
    return Where([&](const Job& job) { return job.key == key; });
  }
  Result<std::vector<Job>> Running() override {
    return Where([](const Job& job) { return job.state == JobState::kRunning; });
  }
  Result<std::vector<Job>> Removing() override {
    return Where([](const Job& job) { return job.removing; });
  }

  Result<std::optional<Job>> FirstClaimable(Timestamp now, Timestamp latest_backoff,
                                            JobPriority lowest) override {
    std::set<std::string> busy_keys;
    for (const auto& [id, job] : jobs_) {
      if (job.state == JobState::kRunning || job.removing) busy_keys.insert(job.key);
    }
    std::optional<Job> best;
    for (const auto& [id, job] : jobs_) {
      if (job.state != JobState::kQueued || job.priority > lowest || busy_keys.contains(job.key) ||
          (job.not_before > now && job.not_before <= latest_backoff)) {
        continue;
      }
      if (!best || job.priority < best->priority) best = job;
    }
    return best;
  }
  Result<std::optional<Timestamp>> NextChange(Timestamp now) override {
    std::optional<Timestamp> next;
    for (const auto& [id, job] : jobs_) {
      if (IsFinished(job.state)) continue;
      const Timestamp time = job.state == JobState::kRunning ? job.lease_expires : job.not_before;
      if (time > now && (!next || time < *next)) next = time;
    }
    return next;
  }

  Result<std::vector<Job>> FinishedBefore(Timestamp time, bool with_input, int limit) override {
    auto found = Where([&](const Job& job) {
      return IsFinished(job.state) && !job.removing && job.finished < time &&
             (!with_input || job.input_bytes > 0);
    });
    std::stable_sort(found.begin(), found.end(),
                     [](const Job& a, const Job& b) { return a.finished < b.finished; });
    if (found.size() > static_cast<std::size_t>(limit)) {
      found.resize(static_cast<std::size_t>(limit));
    }
    return found;
  }
  Result<JobCounts> Count(std::optional<BatchId> batch) override {
    JobCounts counts;
    for (const auto& [id, job] : jobs_) {
      if (!batch || job.batch == *batch) ++counts[job.state];
    }
    return counts;
  }
  Result<std::int64_t> StoredBytes() override {
    std::map<std::string, std::int64_t> results;
    std::int64_t bytes = 0;
    for (const auto& [id, job] : jobs_) {
      bytes += job.input_bytes;
      if (job.state == JobState::kDone) {
        results[job.key] = std::max(results[job.key], job.result_bytes);
      }
    }
    for (const auto& [key, size] : results) bytes += size;
    return bytes;
  }

  Result<BatchId> InsertBatch(const Batch& batch) override {
    const BatchId id = next_batch_++;
    batches_[id] = batch;
    batches_[id].id = id;
    return id;
  }
  Result<std::optional<Batch>> FindBatch(BatchId id) override {
    const auto found = batches_.find(id);
    return found == batches_.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::vector<Batch>> ListBatches(BatchId before, int limit) override {
    std::vector<Batch> found;
    for (auto batch = batches_.rbegin(); batch != batches_.rend(); ++batch) {
      if (found.size() == static_cast<std::size_t>(limit)) break;
      if (before == 0 || batch->first < before) found.push_back(batch->second);
    }
    return found;
  }
  Result<void> EraseBatch(BatchId id) override {
    batches_.erase(id);
    return {};
  }
  Result<void> EraseEmptyBatches(Timestamp created_before) override {
    std::set<BatchId> used;
    for (const auto& [id, job] : jobs_) used.insert(job.batch);
    std::erase_if(batches_, [&](const auto& entry) {
      return !used.contains(entry.first) && entry.second.created < created_before;
    });
    return {};
  }

  Result<std::int64_t> AppendEvent(const JobEvent& event, std::int64_t keep) override {
    events_.push_back(event);
    events_.back().sequence = ++last_sequence_;
    while (static_cast<std::int64_t>(events_.size()) > keep) events_.pop_front();
    return last_sequence_;
  }
  Result<std::vector<JobEvent>> EventsAfter(std::int64_t after, int limit,
                                            const EventFilter& filter) override {
    std::vector<JobEvent> found;
    for (const JobEvent& event : events_) {
      if (found.size() == static_cast<std::size_t>(limit)) break;
      if (event.sequence > after && (filter.job == 0 || event.job == filter.job) &&
          (filter.batch == 0 || event.batch == filter.batch)) {
        found.push_back(event);
      }
    }
    return found;
  }
  Result<std::int64_t> FirstSequence() override {
    return events_.empty() ? 0 : events_.front().sequence;
  }
  Result<std::int64_t> LastSequence() override { return last_sequence_; }

  Result<bool> IsPaused() override { return paused_; }
  Result<void> SetPaused(bool paused) override {
    paused_ = paused;
    return {};
  }

 private:
  template <typename Predicate>
  std::vector<Job> Where(const Predicate& predicate) const {
    std::vector<Job> found;
    for (const auto& [id, job] : jobs_) {
      if (predicate(job)) found.push_back(job);
    }
    return found;
  }

  std::map<JobId, Job> jobs_;
  std::map<BatchId, Batch> batches_;
  std::deque<JobEvent> events_;
  JobId next_job_ = 1;
  BatchId next_batch_ = 1;
  std::int64_t last_sequence_ = 0;
  bool paused_ = false;
};

}  // namespace

MemoryJobStore::MemoryJobStore(const JobStoreOptions& options, const Clock& clock, JobFiles& files)
    : TableJobStore(std::make_unique<MemoryJobTable>(), options, clock, files) {}

}  // namespace gpen::jobs
