// JobFiles: what the queue's user does with the files behind payloads and results.
//
// The store never touches a file. It asks whether a result is still there before it answers from
// it, and says which files go when a job is deleted.
#pragma once

#include "base/result.h"
#include "jobs/job.h"

namespace gpen::jobs {

enum class FileState : std::uint8_t {
  kPresent,
  kMissing,
  kUnknown,  ///< The folder or its disk is not there now: says nothing about the file.
};

/// Implementations are called from any thread and must not call the store. Name a result's file by
/// the job's key: equal keys then share one file, and a repeated run replaces it atomically.
class JobFiles {
 public:
  virtual ~JobFiles() = default;

  /// Whether the result of the done job `job` is still there. Called with the store locked: a
  /// stat() and no more.
  virtual FileState FindResult(const Job& job) = 0;

  /// Deletes the result's files. Called when no other job shows this result. Files that are gone
  /// already are a success, because a crash may come between this and the end of the deletion.
  virtual Result<void> DeleteResult(const Job& job) = 0;

  /// Deletes the files of the payload that belong to this job alone (an upload; never a photo in a
  /// watched folder). Files that are gone already are a success.
  virtual Result<void> DeleteInput(const Job& job) = 0;
};

}  // namespace gpen::jobs
