// The queue in one SQLite file that survives power cuts (WAL, synchronous FULL;
// only progress and heartbeats do not wait for the disk).
//
// Several processes of one machine may open the same file (not on FUSE, see ADR 7); events are
// pushed within a process only, so a change by another one is seen when the pool polls.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "jobs/job_store.h"

namespace gpen::jobs {

struct SqliteOptions {
  std::filesystem::path file;  ///< Created with mode 0600 in an existing folder.
  Milliseconds busy_timeout{10'000};
  /// Instead of the statfs() magic of the folder.
  std::function<std::int64_t(const std::filesystem::path& folder)> magic_for_testing = {};
};

struct OpenedJobStore {
  std::unique_ptr<JobStore> store;
  std::string notice;  ///< What the owner should know about where the file lies; empty if nothing.
  std::string identity;   ///< Of this queue: the same in each copy of it, another in every other.
  bool is_empty = false;  ///< It never held a job.
};

/// Opens or creates the file, checks its integrity and brings its schema up to date. `clock` and
/// `files` must outlive the store.
///
/// Errors: kInvalidArgument (on a network file system, where WAL is not safe), kConflict (damaged,
/// not a database, or made by a newer version), kNotFound (no such folder), kUnavailable.
Result<OpenedJobStore> OpenSqliteJobStore(const SqliteOptions& sqlite,
                                          const JobStoreOptions& options, const Clock& clock,
                                          JobFiles& files);

}  // namespace gpen::jobs
