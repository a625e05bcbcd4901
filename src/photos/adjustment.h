// Adjustment: a person's own choice of strengths for the faces of one finished photo, and the
// result blended with it. It belongs to the job, while the first result may be shared by several
// jobs.
//
// Kept in faces/ID.json beside the faces that the network made (faces/KEY.faces). Called from the
// PictureWorker's thread alone, but for FindAdjustment and CurrentResult, which only read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/limits.h"
#include "jobs/job.h"
#include "photos/data_folder.h"
#include "photos/photo_job.h"
#include "restore/kept_faces.h"
#include "restore/photo_blender.h"
#include "restore/restore_options.h"

namespace gpen::photos {

struct Adjustment {
  std::vector<int> strengths;  ///< Of each restored face, in the report's order.
  restore::Mode mode = restore::Mode::kNatural;
  bool protect_tone = true;
  std::string output;  ///< Name in outputs/.
  std::string after;   ///< Name in thumbnails/.
  /// Of a watched photo: its result in the output folder is this one.
  bool in_folder = false;
};

/// What can be adjusted about a job, and how it is now.
struct AdjustmentState {
  std::string unavailable;  ///< Why nothing can be adjusted any more; empty where it can.
  bool adjusted = false;
  Adjustment now;
};

/// The adjustment of job `id`, where there is one whose result is still there.
std::optional<Adjustment> FindAdjustment(const DataFolder& folder, jobs::JobId id);

/// The done job's result, with the adjusted files where there are some. Errors: kInternal.
Result<PhotoResult> CurrentResult(const DataFolder& folder, const jobs::Job& job);

/// Errors: kConflict (not done), kInternal.
Result<AdjustmentState> ReadAdjustment(const DataFolder& folder, const jobs::Job& job);

/// Blends the job's photo `original` anew as `body` says:
/// {"faces":[80,0],"mode":"natural","protect_tone":true}, all optional. Errors: kInvalidArgument,
/// kConflict (nothing can be adjusted any more), those of BlendAgain and of writing files.
Result<void> Adjust(const DataFolder& folder, std::span<const std::byte> original,
                    const codec::Limits& limits, const jobs::Job& job, std::string_view body);

/// The first result made again, without storing it. Errors: as Adjust().
Result<restore::BlendedPhoto> BlendFirst(const DataFolder& folder,
                                         std::span<const std::byte> original,
                                         const codec::Limits& limits, const jobs::Job& job);

/// Notes that the adjusted result of job `id` was put into the output folder. Errors: kUnavailable.
Result<void> NoteInFolder(const DataFolder& folder, jobs::JobId id);

/// Back to the first result. Errors: kUnavailable.
Result<void> RemoveAdjustment(const DataFolder& folder, jobs::JobId id);

}  // namespace gpen::photos
