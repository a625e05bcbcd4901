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

  // A job's files are of three kinds, and each deletion deletes one of them. Files that are gone
  // already are a success, because a crash may come between this and the end of the job's deletion.

  /// Deletes the files of the key: the result, which equal jobs share. Called with the last job
  /// that shows it.
  virtual Result<void> DeleteResult(const Job& job) = 0;

  /// Deletes what was made for this job alone since it was done. Called whenever a job is deleted,
  /// whatever it shares with others and whether its input is still there.
  virtual Result<void> DeleteOwn(const Job& job) = 0;

  /// Deletes the payload's files (an upload; never a photo in a watched folder). Called with the
  /// job, or before, by retention.
  virtual Result<void> DeleteInput(const Job& job) = 0;
};

}  // namespace gpen::jobs
