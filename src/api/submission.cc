#include "api/submission.h"

#include "base/random_id.h"
#include "photos/photo_models.h"
#include "photos/photo_texts.h"

namespace gpen::api {
namespace {

// A job for a photo that cannot be taken, so that its batch says why.
jobs::NewJob RefusedJobOf(const std::string& name, const Error& refusal) {
  jobs::NewJob job;
  job.key = "refused-" + RandomId();  // Nothing has the same result.
  job.name = name;
  job.payload = photos::FormatTask({photos::UploadedPhoto{job.key}, {}});
  job.refusal = refusal;
  return job;
}

// The jobs of the upload; its files are the caller's where this fails.
Result<std::vector<jobs::Submitted>> SubmitJobs(const ApiContext& context, const Upload& upload,
                                                jobs::JobPriority priority,
                                                const std::optional<std::string>& new_batch) {
  GPEN_ASSIGN_OR_RETURN(const auto models, context.models->For(upload.options));
  std::vector<jobs::NewJob> new_jobs;
  for (const auto& photo : upload.photos) {
    auto& job = new_jobs.emplace_back(photos::NewPhotoJob(photo, upload.options, models));
    job.priority = priority;
    job.batch = upload.batch_id;
    job.added_by = upload.added_by;
  }
  return context.store->SubmitAll(new_jobs, new_batch);
}

}  // namespace

bool IsBatch(const Upload& upload) {
  return upload.photos.size() > 1 || upload.batch || upload.batch_id != 0;
}

jobs::JobPriority PriorityOf(const Upload& upload) {
  const auto usual = IsBatch(upload) ? jobs::JobPriority::kBatch : jobs::JobPriority::kInteractive;
  return upload.priority ? jobs::JobPriorityFromName(*upload.priority).value_or(usual) : usual;
}

Result<std::vector<jobs::Submitted>> SubmitPhotos(const ApiContext& context, const Upload& upload,
                                                  jobs::JobPriority priority,
                                                  const std::optional<std::string>& new_batch) {
  auto submitted = SubmitJobs(context, upload, priority, new_batch);
  if (!submitted) DeletePhotos(upload.photos, *context.folder);
  return submitted;
}

Result<jobs::JobId> SubmitPhoto(const ApiContext& context, Upload upload, const std::string& name,
                                Result<ReceivedPhoto> photo) {
  if (!photo) {
    if (upload.batch_id == 0 || !IsAboutPhoto(photo.error())) return std::move(photo).error();
    auto refused = RefusedJobOf(name, photo.error());
    refused.batch = upload.batch_id;
    refused.added_by = upload.added_by;
    refused.priority = PriorityOf(upload);
    GPEN_ASSIGN_OR_RETURN(const auto submitted, context.store->Submit(refused));
    return submitted.job.id;
  }
  upload.photos = {*std::move(photo)};
  GPEN_ASSIGN_OR_RETURN(const auto submitted,
                        SubmitJobs(context, upload, PriorityOf(upload), std::nullopt));
  return submitted.front().job.id;
}

}  // namespace gpen::api
