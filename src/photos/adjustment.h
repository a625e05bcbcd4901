// Adjustment: a person's own choice of strengths for the faces of one finished photo, and the
// files of the result that was made so. It belongs to its job, while the first result may be shared
// by several jobs.
//
// Kept in faces/ID.json, as version 0.1.0 wrote it. PhotoAdjuster makes adjustments; others only
// ask for them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jobs/job.h"
#include "photos/data_folder.h"
#include "photos/photo_job.h"
#include "restore/photo_options.h"

namespace gpen::photos {

struct Adjustment {
  std::vector<int> strengths;  ///< Of each restored face, in the report's order: 0..100 percent.
  restore::Mode mode = restore::Mode::kNatural;
  bool protect_tone = true;
  std::string output;  ///< Name in outputs/.
  std::string after;   ///< Name in thumbnails/.
  /// The result in the photo's output folder is this one.
  bool in_folder = false;
};

/// Sets what a person wants changed: {"faces":[80,0],"mode":"natural","protect_tone":true}, all
/// optional. Errors: kInvalidArgument.
Result<void> SetFromJson(std::string_view json, Adjustment* adjustment);

/// As it is stored, always spelt alike.
std::string FormatAdjustment(const Adjustment& adjustment);

/// The adjustment of job `id`, where there is one whose result is still there.
std::optional<Adjustment> FindAdjustment(const DataFolder& folder, jobs::JobId id);

/// Notes it as that of job `id`; its files lie there already. Errors: those of AtomicFile.
Result<void> StoreAdjustment(const DataFolder& folder, jobs::JobId id,
                             const Adjustment& adjustment);

/// Deletes it with its files, so that the first result counts again. Errors: kUnavailable.
Result<void> RemoveAdjustment(const DataFolder& folder, jobs::JobId id);

/// The done job's result as people see it: the first one, or the adjusted one where there is one,
/// which lies in the data folder for photos of every kind. Errors: as PhotoJob::FirstResult().
Result<PhotoResult> CurrentResult(const DataFolder& folder, const PhotoJob& job);

}  // namespace gpen::photos
