// What the queue's opaque texts hold when the work is a photo, and the files behind them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "jobs/job_files.h"
#include "photos/data_folder.h"
#include "photos/photo_options.h"

namespace gpen::photos {

/// A job's payload.
struct PhotoTask {
  std::string upload;  ///< Name in uploads/; empty where the photo is in a watched folder.
  PhotoOptions options;
  std::int64_t watched_file = 0;  ///< Row of the watch ledger, which knows the path.
  std::int64_t generation = 0;    ///< Of that row: the content that is meant.
};

std::string FormatTask(const PhotoTask& task);
/// Errors: kInternal.
Result<PhotoTask> ParseTask(std::string_view text);

/// A done job's result.
struct PhotoResult {
  std::string output;  ///< Name in outputs/; of a watched photo the path, for people.
  std::string before;  ///< Names in thumbnails/.
  std::string after;
  double seconds = 0;             ///< Of computation.
  std::string report;             ///< JSON of restore::FormatJson.
  std::int64_t watched_file = 0;  ///< Row of the watch ledger, which knows where the result is.
};

std::string FormatResult(const PhotoResult& result);
/// Errors: kInternal.
Result<PhotoResult> ParseResult(std::string_view text);

/// The same photo, options and network: the same key.
std::string KeyOf(std::string_view upload_sha256, const PhotoOptions& options,
                  std::string_view model_sha256);

/// What the names of a job's result and thumbnails begin with, up to the first dot.
std::string ResultBase(const jobs::Job& job);
/// No file in faces/ is larger.
inline constexpr std::int64_t kMostFacesBytes = std::int64_t{4} << 30;
/// Name in faces/ of what the network made of the photo's faces.
std::string FacesName(const jobs::Job& job);

class PhotoFiles : public jobs::JobFiles {
 public:
  /// `folder` must outlive this.
  explicit PhotoFiles(const DataFolder* folder) : folder_(folder) {}

  jobs::FileState FindResult(const jobs::Job& job) override;
  Result<void> DeleteResult(const jobs::Job& job) override;
  Result<void> DeleteInput(const jobs::Job& job) override;

 private:
  const DataFolder* folder_;
};

}  // namespace gpen::photos
