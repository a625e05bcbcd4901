// PhotoAdjuster: makes a person's adjustments of finished photos, and undoes them. No network runs:
// the faces that were kept are blended into the original anew.
//
// Needs the memory of a whole photo and takes about as long as reading and writing it. Belongs to
// one thread at a time: two calls about one job would get in each other's way.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/limits.h"
#include "photos/adjustment.h"
#include "photos/data_folder.h"
#include "photos/photo_job.h"
#include "photos/photo_places.h"
#include "restore/photo_work.h"

namespace gpen::photos {

/// What can be adjusted about a job, and how it is now.
struct AdjustmentState {
  std::string unavailable;  ///< Why nothing can be adjusted any more; empty where it can.
  bool adjusted = false;
  Adjustment now;  ///< Where it is not adjusted: the settings of the first result.
  /// Whether the output folder holds what the job shows; nothing where the photo's kind has no such
  /// folder.
  std::optional<bool> in_folder;
};

class PhotoAdjuster {
 public:
  /// All must outlive this.
  PhotoAdjuster(const DataFolder* folder, const PhotoPlaces* places, codec::Limits limits,
                restore::PhotoWork* work)
      : folder_(folder), places_(places), limits_(limits), work_(work) {}

  /// Errors: kConflict (not done), kInternal.
  Result<AdjustmentState> Read(const PhotoJob& job) const;

  /// Makes the result that `wanted`, as in SetFromJson(), says. Errors: kInvalidArgument, kConflict
  /// (not done, or nothing can be adjusted any more), those of PhotoWork::Blend and of writing
  /// files.
  Result<void> Adjust(const PhotoJob& job, std::string_view wanted) const;

  /// Puts the adjusted result into the photo's output folder. Errors: kConflict (there is none, or
  /// no such folder), those of PhotoPlace::ReplaceResult.
  Result<void> PutIntoFolder(const PhotoJob& job) const;

  /// Back to the first result, also in the output folder where that holds an adjusted one. Errors:
  /// kUnavailable, those of PhotoWork::Blend.
  Result<void> Reset(const PhotoJob& job) const;

 private:
  Result<void> PutFirstResultBack(const PhotoJob& job) const;
  Result<std::vector<std::byte>> ReadOriginal(const PhotoJob& job) const;

  const DataFolder* folder_;
  const PhotoPlaces* places_;
  codec::Limits limits_;
  restore::PhotoWork* work_;
};

}  // namespace gpen::photos
