// Removes the files that a kill left without a job: run once at start, before anybody works.
//
// Half-written files have gone by then (DataFolder::Open). What is left are whole ones: uploads
// whose request never reached the queue, and results whose job never came to be done.
#pragma once

#include "base/result.h"
#include "jobs/job_store.h"
#include "photos/data_folder.h"

namespace gpen::photos {

struct SweepReport {
  int uploads = 0;
  int results = 0;  ///< Photos and thumbnails.
};

/// Deletes only what it knows to be a leftover: a result goes when there is a job for it that is
/// not done, so finished photos stay even where the queue's database was lost. Files that cannot be
/// deleted stay for the next start. Errors: those of the store.
Result<SweepReport> SweepLeftovers(jobs::JobStore* store, const DataFolder& folder);

}  // namespace gpen::photos
