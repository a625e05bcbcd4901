#include "photos/photo_files.h"

#include "photos/adjustment.h"
#include "photos/photo_job.h"
#include "photos/photo_key.h"
#include "photos/stored_file.h"

namespace gpen::photos {

jobs::FileState PhotoFiles::FindResult(const jobs::Job& job) {
  const auto photo = PhotoJob::Of(job);
  if (!photo) return jobs::FileState::kUnknown;  // Another program's: not ours to judge.
  if (!photo->result) return jobs::FileState::kMissing;
  const auto* stored = std::get_if<StoredResult>(&photo->result->place);
  if (stored == nullptr) return jobs::FileState::kUnknown;
  std::error_code error;
  if (std::filesystem::exists(folder_->Output(stored->file), error)) {
    return jobs::FileState::kPresent;
  }
  return std::filesystem::is_directory(folder_->Output(""), error) ? jobs::FileState::kMissing
                                                                   : jobs::FileState::kUnknown;
}

Result<void> PhotoFiles::DeleteResult(const jobs::Job& job) {
  GPEN_TRY(RemoveStored(folder_->Faces(FacesName(job))));
  const auto photo = PhotoJob::Of(job);
  if (!photo || !photo->result) return {};
  const PhotoResult& result = *photo->result;
  if (const auto* stored = std::get_if<StoredResult>(&result.place)) {
    GPEN_TRY(RemoveStored(folder_->Output(stored->file)));
  }
  for (const auto& name : {result.before, result.after, result.mask}) {
    if (IsPlainFileName(name)) GPEN_TRY(RemoveStored(folder_->Thumbnail(name)));
  }
  return {};
}

Result<void> PhotoFiles::DeleteOwn(const jobs::Job& job) {
  return RemoveAdjustment(*folder_, job.id);
}

Result<void> PhotoFiles::DeleteInput(const jobs::Job& job) {
  const auto photo = PhotoJob::Of(job);
  const auto* upload = photo ? std::get_if<UploadedPhoto>(&photo->task.source) : nullptr;
  return upload != nullptr ? RemoveStored(folder_->Upload(upload->file)) : Result<void>();
}

}  // namespace gpen::photos
