// PhotoPlaces: finds the place of a photo or of a result by what its job says, so that nobody else
// has to tell the kinds apart.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "photos/photo_place.h"

namespace gpen::photos {

class PhotoPlaces {
 public:
  /// Both must outlive this. `external` may be null: jobs of such photos then fail with
  /// kInvalidArgument.
  explicit PhotoPlaces(const PhotoPlace* uploaded, const PhotoPlace* external = nullptr)
      : uploaded_(uploaded), external_(external) {}

  /// Errors: kInvalidArgument (nobody keeps such photos).
  Result<const PhotoPlace*> Of(const PhotoTask& task) const;

  /// Runs the job in its place. Errors: as PhotoJob::Of(), Of() and PhotoPlace::Run().
  Result<jobs::JobResult> Run(const jobs::Job& job, jobs::JobContext& context) const;

  /// The photo that the job is about, wherever it lies. Errors: kNotFound (no longer there).
  Result<PlacedFile> PlaceOriginal(const PhotoJob& job) const;
  /// Its bytes. Errors: as PlaceOriginal(), those of ReadPlaced().
  Result<std::vector<std::byte>> ReadOriginal(const PhotoJob& job, std::int64_t max_bytes) const;

  /// The result, which may lie elsewhere than its photo. Errors: kNotFound (no longer there).
  Result<PlacedFile> PlaceResult(const PhotoResult& result) const;

 private:
  Result<const PhotoPlace*> External() const;

  const PhotoPlace* uploaded_;
  const PhotoPlace* external_;
};

}  // namespace gpen::photos
