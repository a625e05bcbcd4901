#include "service/photo_runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/version.h"
#include "restore/kept_faces.h"
#include "service/photo_job.h"
#include "service/stored_picture.h"

namespace gpen::service {
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

Result<jobs::JobResult> PhotoRunner::Run(const jobs::Job& job, jobs::JobContext& context) const {
  GPEN_ASSIGN_OR_RETURN(const auto task, ParseTask(job.payload));
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        ReadFile(folder_->Upload(task.upload), limits_.max_file_bytes));
  restore::RestoreRequest request;
  request.name = job.name;
  request.file = bytes;
  request.options = task.options.restore;
  request.aligned = task.options.aligned;
  request.keep_faces = true;
  request.encode.format = task.options.format;
  request.encode.quality = task.options.quality;
  request.encode.software = kSoftwareName;
  GPEN_ASSIGN_OR_RETURN(auto restored,
                        restorer_->Restore(request, context.stop_token(),
                                           [&](restore::Step step, int face, int faces) {
                                             Report(context, step, face, faces);
                                           }));
  GPEN_TRY(folder_->CheckSpace(static_cast<std::int64_t>(restored.file.size())));

  const std::string base = ResultBase(job);
  PhotoResult result;
  result.output = base + std::string(codec::ExtensionOf(restored.format));
  result.before = base + ".before.jpg";
  result.after = base + ".after.jpg";
  result.seconds = restored.report.times.total_ms() / 1000;
  restored.report.output = "/outputs/" + result.output;
  result.report = restore::FormatJson(restored.report);
  GPEN_TRY(WriteThumbnail(bytes, limits_, folder_->Thumbnail(result.before)));
  GPEN_TRY(WriteThumbnail(restored.file, limits_, folder_->Thumbnail(result.after)));
  auto stored_bytes = static_cast<std::int64_t>(restored.file.size());
  if (!restored.faces.empty()) {
    const auto faces = restore::SerializeFaces(restored.faces, request.aligned);
    stored_bytes += static_cast<std::int64_t>(faces.size());
    GPEN_TRY(WritePrivately(folder_->Faces(FacesName(job)), faces));
  }
  GPEN_TRY(WritePrivately(folder_->Output(result.output), restored.file));
  return jobs::JobResult{FormatResult(result), stored_bytes};
}

}  // namespace gpen::service
