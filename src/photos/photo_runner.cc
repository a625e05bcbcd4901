#include "photos/photo_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "photos/photo_key.h"
#include "photos/stored_file.h"

namespace gpen::photos {
namespace {

// Progress of a photo as text and fraction; the networks take nearly all of the time. What comes
// after repairing shares the rest.
void Report(jobs::JobContext& job, const restore::RestoreOptions& options, restore::Step step,
            int part, int parts) {
  constexpr double kRepairing = 0.3;
  struct {
    jobs::JobContext& job;
    double begun;
    void Progress(const std::string& text, double fraction) const {
      job.Progress(text, begun + (1 - begun) * fraction);
    }
  } const context = {job, options.repairs() ? kRepairing : 0};
  // The photo as a whole takes longer than its faces, and comes before them.
  const bool changes_more = options.changes_whole_photo();
  const double begun = changes_more ? 0.7 : 0.15;
  const double faces = changes_more ? 0.15 : 0.7;
  switch (step) {
    case restore::Step::kDecode:
      return job.Progress("decode", 0.0);
    case restore::Step::kRepair:
      return job.Progress("repair", kRepairing * part / std::max(parts, 1));
    case restore::Step::kDetect:
      return context.Progress("detect", 0.05);
    case restore::Step::kFace:
      return context.Progress(fmt::format("face {} of {}", part, parts),
                              begun + faces * (part - 1) / std::max(parts, 1));
    case restore::Step::kPhoto:
      return context.Progress("photo", 0.1 + 0.6 * part / std::max(parts, 1));
    case restore::Step::kBlend:
      return context.Progress("blend", 0.85);
    case restore::Step::kEncode:
      return context.Progress("encode", 0.9);
  }
}

}  // namespace

Result<void> PhotoRunner::WriteThumbnails(const restore::RestoredFiles& restored,
                                          const PhotoResult& result) const {
  GPEN_TRY(WritePrivately(folder_->Thumbnail(result.before), restored.before_preview));
  if (!result.mask.empty()) {
    GPEN_TRY(WritePrivately(folder_->Thumbnail(result.mask), restored.mask_preview));
  }
  return WritePrivately(folder_->Thumbnail(result.after), restored.after_preview);
}

Result<void> PhotoRunner::DrawThumbnails(std::span<const std::byte> before,
                                         std::span<const std::byte> after,
                                         const PhotoResult& result) const {
  restore::RestoredFiles drawn;
  GPEN_ASSIGN_OR_RETURN(drawn.before_preview, work_->Preview(before));
  GPEN_ASSIGN_OR_RETURN(drawn.after_preview, work_->Preview(after));
  return WriteThumbnails(drawn, result);
}

Result<std::int64_t> PhotoRunner::KeepFaces(const jobs::Job& job,
                                            const restore::RestoredFiles& restored) const {
  if (restored.faces.empty()) return 0;
  GPEN_TRY(WritePrivately(folder_->Faces(FacesName(job)), restored.faces));
  return static_cast<std::int64_t>(restored.faces.size());
}

Result<std::int64_t> PhotoRunner::CopyFaces(const jobs::Job& from, const jobs::Job& to) const {
  const auto faces = ReadFile(folder_->Faces(FacesName(from)), kMostFacesBytes);
  if (!faces && faces.error().code() == ErrorCode::kNotFound) return 0;
  if (!faces) return faces.error();
  GPEN_TRY(WritePrivately(folder_->Faces(FacesName(to)), *faces));
  return static_cast<std::int64_t>(faces->size());
}

Result<void> PhotoRunner::CopyMask(const PhotoResult& from, const PhotoResult& to) const {
  constexpr std::int64_t kMostBytes = 8 << 20;
  if (from.mask == to.mask) return {};
  GPEN_ASSIGN_OR_RETURN(const auto mask, ReadFile(folder_->Thumbnail(from.mask), kMostBytes));
  return WritePrivately(folder_->Thumbnail(to.mask), mask);
}

Result<restore::RestoredFiles> PhotoRunner::Restore(const std::string& name,
                                                    std::span<const std::byte> file,
                                                    const restore::PhotoOptions& options,
                                                    jobs::JobContext& context) const {
  if (machines_ != nullptr) return machines_->Restore(name, file, options, context);
  auto restored = work_->Restore({name, file, options}, context.stop_token(),
                                 [&](restore::Step step, int part, int parts) {
                                   Report(context, options.restore, step, part, parts);
                                 });
  if (restored && speeds_ != nullptr) speeds_->Learn(restored->figures, options.model);
  return restored;
}

}  // namespace gpen::photos
