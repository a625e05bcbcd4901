#include "photos/uploaded_place.h"

#include <array>

#include "base/file.h"
#include "base/parallel.h"
#include "photos/photo_key.h"
#include "photos/photo_texts.h"
#include "photos/stored_file.h"

namespace gpen::photos {

Result<jobs::JobResult> UploadedPlace::Run(const PhotoJob& job, jobs::JobContext& context) const {
  const auto& upload = std::get<UploadedPhoto>(job.task.source);
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        ReadFile(folder_->Upload(upload.file), runner_->limits().max_file_bytes));
  // What could not be stored is not computed. A result is about as large as its photo; in another
  // format it may be larger.
  if (auto storable = folder_->TryStorable(2 * static_cast<std::int64_t>(bytes.size()));
      !storable) {
    return context.HoldBack(std::move(storable).error());
  }
  GPEN_ASSIGN_OR_RETURN(const auto restored,
                        runner_->Restore(job.job.name, bytes, job.task.options, context));
  GPEN_TRY(folder_->CheckSpace(static_cast<std::int64_t>(restored.file.size())));

  const std::string base = ResultBase(job.job);
  const std::string output = base + std::string(codec::ExtensionOf(restored.format));
  PhotoResult result;
  result.place = StoredResult{output};
  result.before = base + ".before.jpg";
  result.after = base + ".after.jpg";
  if (!restored.mask_preview.empty()) result.mask = base + ".mask.png";
  result.seconds = restored.figures.times.total_ms() / 1000;
  result.machine = restored.machine;
  result.report = restore::WithOutput(restored.report, AddressOf(result));
  GPEN_ASSIGN_OR_RETURN(const auto stored_bytes, Store(job, restored, output, result));
  return jobs::JobResult{FormatResult(result), stored_bytes};
}

Result<std::int64_t> UploadedPlace::Store(const PhotoJob& job,
                                          const restore::RestoredFiles& restored,
                                          const std::string& output,
                                          const PhotoResult& result) const {
  // Side by side, so that the disk is waited for once.
  std::array<Result<void>, 2> written;
  Result<std::int64_t> faces_bytes = 0;
  ParallelFor(3, 3, [&](int i) {
    if (i == 0) written[0] = WritePrivately(folder_->Output(output), restored.file);
    if (i == 1) written[1] = runner_->WriteThumbnails(restored, result);
    if (i == 2) faces_bytes = runner_->KeepFaces(job.job, restored);
  });
  for (const auto& outcome : written) GPEN_TRY(outcome);
  GPEN_TRY(faces_bytes);
  return static_cast<std::int64_t>(restored.file.size()) + *faces_bytes;
}

Result<PlacedFile> UploadedPlace::PlaceOriginal(const PhotoTask& task) const {
  return PlacedFile{{}, folder_->Upload(std::get<UploadedPhoto>(task.source).file)};
}

Result<PlacedFile> UploadedPlace::PlaceResult(const PhotoResult& result) const {
  return PlacedFile{{}, folder_->Output(std::get<StoredResult>(result.place).file)};
}

Result<std::optional<bool>> UploadedPlace::OutputFolderIsAdjusted(const PhotoTask&) const {
  return std::optional<bool>();
}

Result<void> UploadedPlace::ReplaceResult(const PhotoTask&, std::span<const std::byte>,
                                          codec::Format, ResultKind) const {
  return Error(ErrorCode::kConflict, "photos that were uploaded have no output folder");
}

}  // namespace gpen::photos
