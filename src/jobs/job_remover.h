// JobRemover: deletes batches, and what was in the bin, in the background, so that nobody waits for
// the files of thousands of photos. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "jobs/job_store.h"

namespace gpen::jobs {

class JobRemover {
 public:
  /// `store` must outlive this. Goes on with what an earlier process had begun.
  explicit JobRemover(JobStore* store);
  /// Ends after a few jobs; the rest is for the next process.
  ~JobRemover() = default;
  JobRemover(const JobRemover&) = delete;
  JobRemover& operator=(const JobRemover&) = delete;

  /// As JobStore::DeleteBatch(); the files follow.
  Result<void> DeleteBatch(BatchId id);
  /// As JobStore::EmptyBin(); the files follow.
  Result<void> EmptyBin(std::optional<PersonId> added_by = {});

  /// Why the last of them could not be deleted; empty where nothing stood in the way.
  std::string problem() const;

 private:
  void Wake();
  void Run(const std::stop_token& stop);

  JobStore* store_;
  mutable std::mutex mutex_;  // Guards the two below.
  bool wanted_ = true;
  std::string problem_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // Last: it uses the rest.
};

}  // namespace gpen::jobs
