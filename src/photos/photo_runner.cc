#include "photos/photo_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "codec/decode.h"
#include "codec/preview.h"
#include "nn/manifest.h"
#include "photos/photo_key.h"
#include "photos/stored_file.h"
#include "restore/kept_faces.h"

namespace gpen::photos {
namespace {

// Progress of a photo as text and fraction; the networks take nearly all of the time.
void Report(jobs::JobContext& context, bool changes_whole_photo, restore::Step step, int part,
            int parts) {
  const double faces = changes_whole_photo ? 0.15 : 0.7;
  switch (step) {
    case restore::Step::kDecode:
      return context.Progress("decode", 0.0);
    case restore::Step::kDetect:
      return context.Progress("detect", 0.05);
    case restore::Step::kFace:
      return context.Progress(fmt::format("face {} of {}", part, parts),
                              0.15 + faces * (part - 1) / std::max(parts, 1));
    case restore::Step::kPhoto:
      return context.Progress("photo", 0.3 + 0.55 * part / std::max(parts, 1));
    case restore::Step::kBlend:
      return context.Progress("blend", 0.85);
    case restore::Step::kEncode:
      return context.Progress("encode", 0.9);
  }
}

}  // namespace

Result<void> PhotoRunner::WriteThumbnails(const restore::RestoredPhoto& restored,
                                          const PhotoResult& result) const {
  GPEN_TRY(WritePrivately(folder_->Thumbnail(result.before), restored.before_preview));
  return WritePrivately(folder_->Thumbnail(result.after), restored.after_preview);
}

Result<void> PhotoRunner::DrawThumbnails(std::span<const std::byte> before,
                                         std::span<const std::byte> after,
                                         const PhotoResult& result) const {
  restore::RestoredPhoto drawn;
  for (const auto& [file, preview] :
       {std::pair(before, &drawn.before_preview), std::pair(after, &drawn.after_preview)}) {
    GPEN_ASSIGN_OR_RETURN(const auto photo, codec::Decode(file, limits_, codec::IfDamaged::kTake));
    GPEN_ASSIGN_OR_RETURN(*preview, codec::EncodePreview(photo));
  }
  return WriteThumbnails(drawn, result);
}

Result<std::int64_t> PhotoRunner::KeepFaces(const jobs::Job& job,
                                            const restore::RestoredPhoto& restored,
                                            const restore::PhotoOptions& options) const {
  if (restored.faces.empty()) return 0;
  const auto faces = restore::SerializeFaces(restored.faces, options.aligned);
  GPEN_TRY(WritePrivately(folder_->Faces(FacesName(job)), faces));
  return static_cast<std::int64_t>(faces.size());
}

Result<std::int64_t> PhotoRunner::CopyFaces(const jobs::Job& from, const jobs::Job& to) const {
  const auto faces = ReadFile(folder_->Faces(FacesName(from)), kMostFacesBytes);
  if (!faces && faces.error().code() == ErrorCode::kNotFound) return 0;
  if (!faces) return faces.error();
  GPEN_TRY(WritePrivately(folder_->Faces(FacesName(to)), *faces));
  return static_cast<std::int64_t>(faces->size());
}

Result<restore::RestoredPhoto> PhotoRunner::Restore(const std::string& name,
                                                    std::span<const std::byte> file,
                                                    const restore::PhotoOptions& options,
                                                    jobs::JobContext& context) const {
  auto request = restore::RequestFor(options);
  request.name = name;
  request.file = file;
  // A colour that was guessed is no face to blend again.
  request.keep_faces = restorer_->networks().task() == nn::Task::kRestoration;
  request.previews = true;
  const bool whole = request.options.changes_whole_photo();
  auto restored = restorer_->Restore(
      request, context.stop_token(),
      [&](restore::Step step, int part, int parts) { Report(context, whole, step, part, parts); });
  if (restored && speeds_ != nullptr) speeds_->Learn(restored->report);
  return restored;
}

}  // namespace gpen::photos
