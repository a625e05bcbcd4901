// PhotoPlace: where the files of one kind of photo lie: uploads in the data folder, or photos in a
// folder of their owner. Who works with a photo asks its place, which PhotoPlaces finds.
//
// Of a job that was made for another kind of photo nobody may ask it. Implementations are
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "codec/photo.h"
#include "jobs/job_context.h"
#include "jobs/job_store.h"
#include "photos/photo_job.h"
#include "photos/placed_file.h"

namespace gpen::photos {

/// What a result was made by.
enum class ResultKind : std::uint8_t {
  kFirst,     ///< The run, as the options say.
  kAdjusted,  ///< A person's adjustment of it.
};

class PhotoPlace {
 public:
  virtual ~PhotoPlace() = default;

  /// Restores the job's photo and puts the result into its place. Errors: those of
  /// PhotoRunner::Restore, kNotFound (no photo), kUnavailable (disk, folder).
  virtual Result<jobs::JobResult> Run(const PhotoJob& job, jobs::JobContext& context) const = 0;

  /// The photo that the task is about. Errors: kNotFound (no longer there).
  virtual Result<PlacedFile> PlaceOriginal(const PhotoTask& task) const = 0;

  /// The result, which lies in this place. Errors: kNotFound (no longer there).
  virtual Result<PlacedFile> PlaceResult(const PhotoResult& result) const = 0;

  /// Whether an adjusted result lies in the output folder, as far as is known; nothing where photos
  /// of this kind have no such folder. Errors: kUnavailable.
  virtual Result<std::optional<bool>> OutputFolderIsAdjusted(const PhotoTask& task) const = 0;

  /// Puts `bytes` into the output folder in the place of the photo's present result; one that
  /// somebody changed stays, and the new one gets a name of its own. Errors: kConflict (no output
  /// folder, or the photo was replaced, moved or deleted), kUnavailable (folder not there, disk
  /// full).
  virtual Result<void> ReplaceResult(const PhotoTask& task, std::span<const std::byte> bytes,
                                     codec::Format format, ResultKind kind) const = 0;
};

}  // namespace gpen::photos
