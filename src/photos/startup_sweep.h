// Sets aside the files that a kill left without a job: run once at start, before anybody works.
//
// Half-written files have gone by then (DataFolder::Open). What is left are whole ones: uploads
// whose request never reached the queue, and results whose job never came to be done. Nothing is
// deleted: what the queue does not know may still be somebody's only copy.
#pragma once

#include "base/result.h"
#include "jobs/job_store.h"
#include "photos/data_folder.h"
#include "photos/photo_key.h"

namespace gpen::photos {

struct SweepReport {
  int uploads = 0;
  int results = 0;  ///< Photos, thumbnails and faces.
};

/// Moves leftovers to the folder's lost/. A finished photo stays where it is as long as no job says
/// that it is not finished. Files that cannot be moved stay for the next start. Errors: those of
/// the store.
Result<SweepReport> SweepLeftovers(jobs::JobStore* store, const DataFolder& folder);

/// Hands the uploads of which no job speaks in again, with the options of a new job of the model
/// whose checksum is `model_sha256`; the number of jobs. Errors: those of the store and of reading
/// an upload.
Result<int> ResubmitLostUploads(jobs::JobStore* store, const DataFolder& folder,
                                const ModelChecksums& model_sha256);

}  // namespace gpen::photos
