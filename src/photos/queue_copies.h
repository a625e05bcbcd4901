// The copies of the queue's database: one a day, the last three kept, and the way back to one.
#pragma once

#include <filesystem>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job_store.h"
#include "photos/data_folder.h"

namespace gpen::photos {

/// Copies the queue unless there is one of today (UTC), and removes all copies but the newest
/// three. True where a copy was made. Errors: those of the store, kUnavailable.
Result<void> CopyQueueOnceADay(jobs::JobStore* store, const DataFolder& folder, Timestamp now);

/// The copies, the newest first.
std::vector<std::filesystem::path> QueueCopies(const DataFolder& folder);

/// Puts `copy` in the place of `database`, which is kept beside the copies with its write-ahead
/// log; returns where. Nobody may have the database open. Errors: kNotFound (no such copy),
/// kUnavailable.
Result<std::filesystem::path> RestoreQueueCopy(const std::filesystem::path& copy,
                                               const std::filesystem::path& database,
                                               const DataFolder& folder, Timestamp now);

}  // namespace gpen::photos
