// UploadReader: streams the photos of one request to disk: multipart/form-data, or a raw body.
//
// Photos that were received are files of ours from then on; those of a request that fails are
// deleted. Belongs to one request.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "codec/limits.h"
#include "http/multipart.h"
#include "http/router.h"
#include "jobs/job.h"
#include "photos/data_folder.h"
#include "restore/photo_options.h"

namespace gpen::api {

/// A photo on disk, whose header has been checked.
struct ReceivedPhoto {
  std::string file;  ///< Name in uploads/.
  std::string name;  ///< For people: the client's name without folders and control characters.
  std::string sha256;
  std::int64_t bytes = 0;
};

/// What a request brought.
struct Upload {
  std::vector<ReceivedPhoto> photos;
  restore::PhotoOptions options;
  std::optional<std::string> batch;     ///< Name of the batch that the client wants.
  jobs::BatchId batch_id = 0;           ///< The batch that it adds to; 0: none.
  std::optional<std::string> priority;  ///< "interactive" or "batch".
};

/// What all uploads share; must outlive them.
struct UploadRules {
  const photos::DataFolder* folder;
  codec::Limits limits;
  int max_photos = 500;
  int max_uploads = 256;
  std::atomic<int>* running;
};

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
  UploadReader(const UploadRules& rules, Done done);

  Result<void> BeginPart(const http::PartHeader& header) override;
  Result<void> PartData(std::span<const std::byte> bytes) override;
  Result<void> EndPart() override;

  Result<void> BeginPhoto(std::string_view name);
  Result<void> EndPhoto();
  Result<void> SetField(std::string_view name, std::string_view value);
  Result<void> FinishReading();

  UploadRules rules_;
  Done done_;
  Upload upload_;
  std::optional<http::MultipartParser> parser_;
  std::optional<AtomicFile> file_;  ///< The photo that is being received.
  std::optional<Sha256Stream> digest_;
  ReceivedPhoto photo_;
  std::string field_name_;
  std::string field_value_;
};

/// Deletes the files of `photos`.
void DeletePhotos(const std::vector<ReceivedPhoto>& photos, const photos::DataFolder& folder);

/// The last part of a client's file name, without control characters, at most 200 bytes; "photo"
/// where nothing is left.
std::string DisplayName(std::string_view client_name);
}  // namespace gpen::api
