// SqliteJobStore: the queue in one SQLite file that survives power cuts (WAL, synchronous FULL;
// only progress and heartbeats do not wait for the disk).
//
// Several processes of one machine may open the same file (not on FUSE, see ADR 7); events are
// pushed within a process only, so a change by another one is seen when the pool polls.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "jobs/table_job_store.h"

namespace gpen::jobs {

struct SqliteOptions {
  std::filesystem::path file;  ///< Created with mode 0600 in an existing folder.
  Milliseconds busy_timeout{10'000};
  /// The statfs() magic of a folder; replaced by tests only.
  std::function<std::int64_t(const std::filesystem::path& folder)> file_system_magic = {};
};

class SqliteJobStore : public TableJobStore {
 public:
  /// Opens or creates the file, checks its integrity and brings its schema up to date.
  ///
  /// Errors: kInvalidArgument (on a network file system, where WAL is not safe), kConflict
  /// (damaged, not a database, or made by a newer version), kNotFound (no such folder),
  /// kUnavailable.
  static Result<std::unique_ptr<SqliteJobStore>> Open(const SqliteOptions& sqlite,
                                                      const JobStoreOptions& options,
                                                      const Clock& clock, JobFiles& files);

  /// What the owner should know about where the file lies; empty if nothing.
  const std::string& notice() const { return notice_; }

 private:
  using TableJobStore::TableJobStore;

  std::string notice_;
};

}  // namespace gpen::jobs
