// UploadedPlace: photos that somebody sent. They and their results are files of the data folder.
//
// Results and thumbnails are named by the job's key, and each appears whole: a run that is repeated
// after a crash replaces them with the same.
#pragma once

#include "photos/data_folder.h"
#include "photos/photo_place.h"
#include "photos/photo_runner.h"

namespace gpen::photos {

class UploadedPlace : public PhotoPlace {
 public:
  /// Both must outlive this.
  UploadedPlace(const DataFolder* folder, const PhotoRunner* runner)
      : folder_(folder), runner_(runner) {}

  Result<jobs::JobResult> Run(const PhotoJob& job, jobs::JobContext& context) const override;
  Result<PlacedFile> PlaceOriginal(const PhotoTask& task) const override;
  Result<PlacedFile> PlaceResult(const PhotoResult& result) const override;
  /// There is no output folder.
  Result<std::optional<bool>> OutputFolderIsAdjusted(const PhotoTask& task) const override;
  Result<void> ReplaceResult(const PhotoTask& task, std::span<const std::byte> bytes,
                             codec::Format format, ResultKind kind) const override;

 private:
  /// Stores the result, its thumbnails and its faces; returns their bytes on disk, without the
  /// thumbnails.
  Result<std::int64_t> Store(const PhotoJob& job, const restore::RestoredFiles& restored,
                             const std::string& output, const PhotoResult& result) const;

  const DataFolder* folder_;
  const PhotoRunner* runner_;
};

}  // namespace gpen::photos
