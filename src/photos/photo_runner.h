// PhotoRunner: what a worker does with one job: upload in, result and thumbnails out.
//
// Thread-safe. Files are named by the job's key, and each appears whole: a run that is repeated
// after a crash replaces them with the same.
#pragma once

#include "jobs/job_context.h"
#include "jobs/job_store.h"
#include "photos/data_folder.h"
#include "photos/photo_job.h"
#include "restore/photo_restorer.h"

namespace gpen::photos {

class PhotoRunner {
 public:
  /// Both must outlive this.
  PhotoRunner(const restore::PhotoRestorer* restorer, const DataFolder* folder,
              codec::Limits limits)
      : restorer_(restorer), folder_(folder), limits_(limits) {}

  /// Errors: those of PhotoRestorer::Restore; kUnavailable (disk), kNotFound (no upload).
  Result<jobs::JobResult> Run(const jobs::Job& job, jobs::JobContext& context) const;

  /// Restores one photo, with its previews, and its faces' crops where they can be blended again,
  /// and reports its progress to `context`. Errors: those of PhotoRestorer::Restore.
  Result<restore::RestoredPhoto> Restore(const std::string& name, std::span<const std::byte> file,
                                         const PhotoOptions& options,
                                         jobs::JobContext& context) const;

  /// Stores the faces of `restored` as those of `job`, for blending again; returns their bytes on
  /// disk. Errors: those of AtomicFile.
  Result<std::int64_t> KeepFaces(const jobs::Job& job, const restore::RestoredPhoto& restored,
                                 const PhotoOptions& options) const;

  /// Stores the faces of `from`, where they are still kept, as those of `to` too. As KeepFaces().
  Result<std::int64_t> CopyFaces(const jobs::Job& from, const jobs::Job& to) const;

  /// Draws the thumbnails named in `result` from the files of the photo before and after. Errors:
  /// those of codec::Decode and Encode, and of AtomicFile.
  Result<void> DrawThumbnails(std::span<const std::byte> before, std::span<const std::byte> after,
                              const PhotoResult& result) const;

  /// Writes the previews as the thumbnails named in `result`. Errors: those of AtomicFile.
  Result<void> WriteThumbnails(const restore::RestoredPhoto& restored,
                               const PhotoResult& result) const;

  const codec::Limits& limits() const { return limits_; }

 private:
  const restore::PhotoRestorer* restorer_;
  const DataFolder* folder_;
  codec::Limits limits_;
};

}  // namespace gpen::photos
