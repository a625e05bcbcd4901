// An uploaded photo as the queue is given it: the one place where its key, its text and the number
// of attempts are decided.
#pragma once

#include <string>

#include "jobs/job_store.h"
#include "photos/photo_key.h"
#include "restore/photo_options.h"

namespace gpen::photos {

/// A photo in uploads/.
struct StoredUpload {
  std::string file;  ///< Name in uploads/.
  std::string name;  ///< For people.
  std::string sha256;
  std::int64_t bytes = 0;
  std::int64_t pixels = 0;  ///< 0 where they were not counted.
};

/// `model_sha256`: of the model that will restore it, see KeyOf(). Class and batch are the
/// caller's.
jobs::NewJob NewPhotoJob(const StoredUpload& upload, const restore::PhotoOptions& options,
                         const ModelChecksums& model_sha256);

}  // namespace gpen::photos
