#include "photos/photo_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/file.h"
#include "base/parallel.h"
#include "base/version.h"
#include "codec/decode.h"
#include "codec/preview.h"
#include "nn/manifest.h"
#include "photos/photo_job.h"
#include "photos/stored_file.h"
#include "restore/kept_faces.h"

namespace gpen::photos {
namespace {

// Progress of a photo as text and fraction; the network takes nearly all of the time.
void Report(jobs::JobContext& context, restore::Step step, int face, int faces) {
  switch (step) {
    case restore::Step::kDecode:
      return context.Progress("decode", 0.0);
    case restore::Step::kDetect:
      return context.Progress("detect", 0.05);
    case restore::Step::kFace:
      return context.Progress(fmt::format("face {} of {}", face, faces),
                              0.15 + 0.7 * (face - 1) / std::max(faces, 1));
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
    GPEN_ASSIGN_OR_RETURN(const auto photo, codec::Decode(file, limits_));
    GPEN_ASSIGN_OR_RETURN(*preview, codec::EncodePreview(photo));
  }
  return WriteThumbnails(drawn, result);
}

Result<std::int64_t> PhotoRunner::KeepFaces(const jobs::Job& job,
                                            const restore::RestoredPhoto& restored,
                                            const PhotoOptions& options) const {
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
                                                    const PhotoOptions& options,
                                                    jobs::JobContext& context) const {
  restore::RestoreRequest request;
  request.name = name;
  request.file = file;
  request.options = options.restore;
  request.aligned = options.aligned;
  // A colour that was guessed is no face to blend again.
  request.keep_faces = restorer_->model().task == nn::Task::kRestoration;
  request.previews = true;
  request.encode.format = options.format;
  request.encode.quality = options.quality;
  request.encode.software = kSoftwareName;
  return restorer_->Restore(
      request, context.stop_token(),
      [&](restore::Step step, int face, int faces) { Report(context, step, face, faces); });
}

Result<jobs::JobResult> PhotoRunner::Run(const jobs::Job& job, jobs::JobContext& context) const {
  GPEN_ASSIGN_OR_RETURN(const auto task, ParseTask(job.payload));
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        ReadFile(folder_->Upload(task.upload), limits_.max_file_bytes));
  GPEN_ASSIGN_OR_RETURN(auto restored, Restore(job.name, bytes, task.options, context));
  GPEN_TRY(folder_->CheckSpace(static_cast<std::int64_t>(restored.file.size())));

  const std::string base = ResultBase(job);
  PhotoResult result;
  result.output = base + std::string(codec::ExtensionOf(restored.format));
  result.before = base + ".before.jpg";
  result.after = base + ".after.jpg";
  result.seconds = restored.report.times.total_ms() / 1000;
  restored.report.output = "/outputs/" + result.output;
  result.report = restore::FormatJson(restored.report);
  auto stored_bytes = static_cast<std::int64_t>(restored.file.size());
  // Side by side, so that the disk is waited for once.
  std::array<Result<void>, 3> written;
  std::int64_t faces_bytes = 0;
  ParallelFor(3, 3, [&](int i) {
    if (i == 0) written[0] = WritePrivately(folder_->Output(result.output), restored.file);
    if (i == 1) written[1] = WriteThumbnails(restored, result);
    if (i == 2) {
      const auto kept = KeepFaces(job, restored, task.options);
      if (kept)
        faces_bytes = *kept;
      else
        written[2] = kept.error();
    }
  });
  for (const auto& outcome : written) GPEN_TRY(outcome);
  stored_bytes += faces_bytes;
  return jobs::JobResult{FormatResult(result), stored_bytes};
}

}  // namespace gpen::photos
