// UploadReader: streams the photos of one request to disk: multipart/form-data, or a raw body.
//
// Photos that were received are files of ours from then on; those of a request that fails are
// deleted. Belongs to one request.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/photo_receiver.h"
#include "base/result.h"
#include "http/multipart.h"
#include "http/router.h"
#include "jobs/job.h"
#include "restore/photo_options.h"

namespace gpen::api {

/// What a request brought.
struct Upload {
  std::vector<ReceivedPhoto> photos;
  restore::PhotoOptions options;
  std::optional<std::string> batch;     ///< Name of the batch that the client wants.
  jobs::BatchId batch_id = 0;           ///< The batch that it adds to; 0: none.
  std::optional<std::string> priority;  ///< "interactive" or "batch".
  jobs::PersonId added_by = 0;
};

/// Sets the option, "batch", "batch_id" or "priority" that the field `name` of a form or query is.
/// Errors: kInvalidArgument.
Result<void> SetUploadField(std::string_view name, std::string_view value, Upload* upload);

class UploadReader : public http::BodyReader, private http::PartReader {
 public:
  /// Takes over the photos, also where it refuses them: it deletes what it does not use.
  using Done = std::function<void(Upload, const http::Responder&)>;

  /// Errors: kQueueFull (too many uploads now), kImageTooLarge, kUnavailable (disk),
  /// kInvalidArgument (an option in the query).
  static Result<std::unique_ptr<http::BodyReader>> Begin(const http::Request& request,
                                                         const UploadRules& rules, Done done);
  ~UploadReader() override;

  Result<void> Write(std::span<const std::byte> bytes) override;
  void Finish(const http::Responder& responder) override;

 private:
  UploadReader(const UploadRules& rules, http::FairShares::Place place, Done done);

  Result<void> BeginPart(const http::PartHeader& header) override;
  Result<void> PartData(std::span<const std::byte> bytes) override;
  Result<void> EndPart() override;

  Result<void> BeginPhoto(std::string_view name);
  Result<void> EndPhoto();
  Result<void> FinishReading();

  UploadRules rules_;
  http::FairShares::Place place_;
  UploadPlaces::Arriving arriving_;
  Done done_;
  Upload upload_;
  std::optional<http::MultipartParser> parser_;
  std::optional<PhotoReceiver> photo_;  ///< That is being received.
  std::string field_name_;
  std::string field_value_;
};

/// Whether it says that the file cannot be restored, and not that something else was in the way.
bool IsAboutPhoto(const Error& error);

/// Deletes the files of `photos`.
void DeletePhotos(const std::vector<ReceivedPhoto>& photos, const photos::DataFolder& folder);

}  // namespace gpen::api
