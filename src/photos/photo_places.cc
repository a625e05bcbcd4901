#include "photos/photo_places.h"

namespace gpen::photos {

Result<const PhotoPlace*> PhotoPlaces::External() const {
  if (external_ != nullptr) return external_;
  return Error(ErrorCode::kInvalidArgument,
               "the photo lies in a folder of its owner, and no such folder is watched");
}

Result<const PhotoPlace*> PhotoPlaces::Of(const PhotoTask& task) const {
  if (std::holds_alternative<UploadedPhoto>(task.source)) return uploaded_;
  return External();
}

Result<jobs::JobResult> PhotoPlaces::Run(const jobs::Job& job, jobs::JobContext& context) const {
  GPEN_ASSIGN_OR_RETURN(const auto photo, PhotoJob::Of(job));
  GPEN_ASSIGN_OR_RETURN(const auto* place, Of(photo.task));
  return place->Run(photo, context);
}

Result<PlacedFile> PhotoPlaces::PlaceOriginal(const PhotoJob& job) const {
  if (job.job.input_deleted) return Error(ErrorCode::kNotFound, "the original is no longer kept");
  GPEN_ASSIGN_OR_RETURN(const auto* place, Of(job.task));
  return place->PlaceOriginal(job.task);
}

Result<std::vector<std::byte>> PhotoPlaces::ReadOriginal(const PhotoJob& job,
                                                         std::int64_t max_bytes) const {
  GPEN_ASSIGN_OR_RETURN(const auto placed, PlaceOriginal(job));
  return ReadPlaced(placed, max_bytes);
}

Result<PlacedFile> PhotoPlaces::PlaceResult(const PhotoResult& result) const {
  if (std::holds_alternative<StoredResult>(result.place)) return uploaded_->PlaceResult(result);
  GPEN_ASSIGN_OR_RETURN(const auto* place, External());
  return place->PlaceResult(result);
}

}  // namespace gpen::photos
