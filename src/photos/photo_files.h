// PhotoFiles: the files that go with a photo's job: what the queue asks before it answers from a
// result, and deletes together with a job.
//
// The result, its thumbnails and the network's faces are the key's; the adjustment is the job's
// own; the upload is its input. Photos and results outside the data folder belong to their owners,
// who move and delete them as they like: they are never missed and never deleted. Thread-safe.
#pragma once

#include "jobs/job_files.h"
#include "photos/data_folder.h"

namespace gpen::photos {

class PhotoFiles : public jobs::JobFiles {
 public:
  /// `folder` must outlive this.
  explicit PhotoFiles(const DataFolder* folder) : folder_(folder) {}

  jobs::FileState FindResult(const jobs::Job& job) override;
  Result<void> DeleteResult(const jobs::Job& job) override;
  Result<void> DeleteOwn(const jobs::Job& job) override;
  Result<void> DeleteInput(const jobs::Job& job) override;

 private:
  const DataFolder* folder_;
};

}  // namespace gpen::photos
