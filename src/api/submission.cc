#include "api/submission.h"

#include "photos/photo_key.h"
#include "photos/photo_texts.h"

namespace gpen::api {
namespace {

constexpr int kMaxAttempts = 5;  // A power cut takes one too.

jobs::NewJob NewJobOf(const ReceivedPhoto& photo, const restore::PhotoOptions& options,
                      const std::string& model_sha256) {
  jobs::NewJob job;
  job.key = photos::KeyOf(photo.sha256, options, model_sha256);
  job.name = photo.name;
  job.payload = photos::FormatTask({photos::UploadedPhoto{photo.file}, options});
  job.input_bytes = photo.bytes;
  job.max_attempts = kMaxAttempts;
  return job;
}

}  // namespace

Result<std::vector<jobs::Submitted>> SubmitPhotos(const ApiContext& context, const Upload& upload,
                                                  jobs::JobPriority priority,
                                                  const std::optional<std::string>& new_batch) {
  std::vector<jobs::NewJob> new_jobs;
  for (const auto& photo : upload.photos) {
    auto& job = new_jobs.emplace_back(NewJobOf(photo, upload.options, context.model_sha256));
    job.priority = priority;
    job.batch = upload.batch_id;
  }
  auto submitted = context.store->SubmitAll(new_jobs, new_batch);
  if (!submitted) DeletePhotos(upload.photos, *context.folder);
  return submitted;
}

}  // namespace gpen::api
