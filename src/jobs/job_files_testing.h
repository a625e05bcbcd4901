// FakeJobFiles: for tests. Remembers what was deleted; results are present unless a test says so.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "jobs/job_files.h"

namespace gpen::jobs {

class FakeJobFiles : public JobFiles {
 public:
  FileState FindResult(const Job& job) override {
    const std::scoped_lock lock(mutex);
    const auto found = states.find(job.result);
    return found == states.end() ? FileState::kPresent : found->second;
  }
  Result<void> DeleteResult(const Job& job) override {
    if (on_delete) std::exchange(on_delete, {})();
    const std::scoped_lock lock(mutex);
    if (!refuse.empty()) return Error(ErrorCode::kUnavailable, refuse);
    deleted_results.push_back(job.result);
    return {};
  }
  Result<void> DeleteOwn(const Job& job) override {
    const std::scoped_lock lock(mutex);
    if (!refuse.empty()) return Error(ErrorCode::kUnavailable, refuse);
    deleted_own.push_back(job.id);
    return {};
  }
  Result<void> DeleteInput(const Job& job) override {
    const std::scoped_lock lock(mutex);
    if (!refuse.empty()) return Error(ErrorCode::kUnavailable, refuse);
    deleted_inputs.push_back(job.payload);
    return {};
  }

  std::mutex mutex;
  std::map<std::string, FileState> states;  // By result.
  std::string refuse;                       // The error of every deletion.
  std::function<void()> on_delete;          // Called once, by the next deletion of a result.
  std::vector<std::string> deleted_results;
  std::vector<JobId> deleted_own;
  std::vector<std::string> deleted_inputs;
};

}  // namespace gpen::jobs
