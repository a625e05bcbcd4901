// PhotoReceiver: takes one photo to disk, piece by piece, and checks its header at the end.
//
// The photo has its name in uploads/ only when it is complete and sound; what was received before
// goes with the receiver. Belongs to one thread at a time.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "api/upload_places.h"
#include "base/file.h"
#include "base/result.h"
#include "base/sha256.h"
#include "codec/limits.h"
#include "photos/data_folder.h"
#include "photos/new_photo_job.h"

namespace gpen::api {

/// A photo on disk, whose header has been checked. Its name is the client's without folders and
/// control characters.
using ReceivedPhoto = photos::StoredUpload;

/// What all uploads share; must outlive them.
struct UploadRules {
  const photos::DataFolder* folder;
  codec::Limits limits;
  int max_photos = 500;
  UploadPlaces* places;
};

class PhotoReceiver {
 public:
  /// `client_name` as the client spells it. Errors: kUnavailable.
  static Result<PhotoReceiver> Begin(const UploadRules& rules, std::string_view client_name);

  /// Errors: kImageTooLarge, kUnavailable (disk).
  Result<void> Write(std::span<const std::byte> bytes);

  /// The last call. Errors: those of codec::Probe, where the photo is deleted, and kUnavailable.
  Result<ReceivedPhoto> Finish();

  std::int64_t bytes() const { return photo_.bytes; }

 private:
  PhotoReceiver(const UploadRules& rules, AtomicFile file, ReceivedPhoto photo)
      : folder_(rules.folder),
        limits_(rules.limits),
        file_(std::move(file)),
        photo_(std::move(photo)) {}

  const photos::DataFolder* folder_;
  codec::Limits limits_;
  AtomicFile file_;
  std::unique_ptr<Sha256Stream> digest_ = std::make_unique<Sha256Stream>();
  ReceivedPhoto photo_;
};

/// The last part of a client's file name, without control characters, at most 200 bytes; "photo"
/// where nothing is left.
std::string DisplayName(std::string_view client_name);

}  // namespace gpen::api
