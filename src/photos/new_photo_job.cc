#include "photos/new_photo_job.h"

#include "photos/photo_key.h"
#include "photos/photo_texts.h"

namespace gpen::photos {
namespace {

constexpr int kMaxAttempts = 5;  // A power cut takes one too.

}  // namespace

jobs::NewJob NewPhotoJob(const StoredUpload& upload, const restore::PhotoOptions& options,
                         const ModelChecksums& model_sha256) {
  jobs::NewJob job;
  job.key = KeyOf(upload.sha256, options, model_sha256);
  job.name = upload.name;
  job.payload = FormatTask({UploadedPhoto{upload.file}, options, upload.pixels});
  job.input_bytes = upload.bytes;
  job.max_attempts = kMaxAttempts;
  return job;
}

}  // namespace gpen::photos
