// PhotoRunner: the steps of a run that photos of every kind share: restore, draw, keep the faces.
// The run itself is the photo's place's.
//
// Thread-safe. Files are named by the job's key, and each appears whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "codec/limits.h"
#include "jobs/job.h"
#include "jobs/job_context.h"
#include "photos/data_folder.h"
#include "photos/machines.h"
#include "photos/photo_result.h"
#include "restore/photo_options.h"
#include "restore/photo_work.h"
#include "restore/speed_record.h"

namespace gpen::photos {

class PhotoRunner {
 public:
  /// All must outlive this. `speeds`, which may be null, learns from each photo.
  PhotoRunner(restore::PhotoWork* work, const DataFolder* folder, codec::Limits limits,
              restore::SpeedRecord* speeds = nullptr)
      : work_(work), folder_(folder), limits_(limits), speeds_(speeds) {}
  /// One whose photos are restored by the `machines`.
  PhotoRunner(const PhotoRunner& here, Machines* machines)
      : work_(here.work_), folder_(here.folder_), limits_(here.limits_), machines_(machines) {}

  /// Restores one photo, with its previews, and its faces' crops where they can be blended again,
  /// and reports its progress to `context`. Errors: those of PhotoWork::Restore or
  /// Machines::Restore.
  Result<restore::RestoredFiles> Restore(const std::string& name, std::span<const std::byte> file,
                                         const restore::PhotoOptions& options,
                                         jobs::JobContext& context) const;

  /// Stores the faces of `restored` as those of `job`, for blending again; returns their bytes on
  /// disk. Errors: those of AtomicFile.
  Result<std::int64_t> KeepFaces(const jobs::Job& job,
                                 const restore::RestoredFiles& restored) const;

  /// Stores the faces of `from`, where they are still kept, as those of `to` too. As KeepFaces().
  Result<std::int64_t> CopyFaces(const jobs::Job& from, const jobs::Job& to) const;

  /// Draws the thumbnails named in `result` from the files of the photo before and after. Errors:
  /// those of PhotoWork::Preview and of AtomicFile.
  Result<void> DrawThumbnails(std::span<const std::byte> before, std::span<const std::byte> after,
                              const PhotoResult& result) const;

  /// Copies the mask of one result to where `to` names its own. Errors: those of ReadFile and
  /// AtomicFile.
  Result<void> CopyMask(const PhotoResult& from, const PhotoResult& to) const;

  /// Writes the previews as the thumbnails named in `result`. Errors: those of AtomicFile.
  Result<void> WriteThumbnails(const restore::RestoredFiles& restored,
                               const PhotoResult& result) const;

  const codec::Limits& limits() const { return limits_; }

 private:
  restore::PhotoWork* work_;
  const DataFolder* folder_;
  codec::Limits limits_;
  restore::SpeedRecord* speeds_ = nullptr;
  Machines* machines_ = nullptr;
};

}  // namespace gpen::photos
