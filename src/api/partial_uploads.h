// PartialUploads: photos that come in pieces. Where the connection breaks, the client goes on from
// the byte that arrived last; so a slow or lossy link loses nothing.
//
// Kept in memory and in temporary files: a restart of the service forgets them, and a client begins
// anew. Bounded in number, in size by the rules of all uploads, and in time. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/upload.h"
#include "base/clock.h"
#include "http/fair_shares.h"
#include "http/router.h"
#include "jobs/job.h"

namespace gpen::api {

struct PartialUploadLimits {
  int most_open = 64;             ///< That are not complete: each holds an open file.
  int most_complete = 4'000;      ///< Whose end is remembered for clients that missed the answer.
  std::chrono::minutes kept{60};  ///< After the last byte.
  std::chrono::minutes protected_for{
      2};  ///< Silent for longer, one gives way when there are too many.
};

/// What a client must know to go on.
struct PartialUploadState {
  std::string id;
  std::string name;         ///< As DisplayName() has it.
  std::int64_t offset = 0;  ///< Bytes that have arrived.
  std::int64_t bytes = 0;   ///< Of the whole photo.
  Timestamp expires;        ///< Unless more comes.
  jobs::JobId job = 0;      ///< Of the complete photo; 0 before.
  jobs::PersonId added_by = 0;
};

class PartialUploads {
 public:
  /// Hands a photo to the queue, or says that one of this name was refused; the job's id. Leaves
  /// the photo's file alone where it fails. Called from the thread that brought the last byte.
  using HandIn = std::function<Result<jobs::JobId>(const Upload& upload, const std::string& name,
                                                   Result<ReceivedPhoto> photo)>;
  using Answer = std::function<void(Result<PartialUploadState>, const http::Responder&)>;

  /// `rules` and `clock` must outlive this.
  PartialUploads(const UploadRules* rules, const Clock* clock, HandIn hand_in,
                 PartialUploadLimits limits = {});
  ~PartialUploads();

  /// Announces a photo of `bytes` bytes from the client at `address`; `upload` says what is to be
  /// done with it. One that is too large is handed in as refused. Errors: kInvalidArgument (no
  /// bytes), kQueueFull (too many now), kUnavailable (disk), those of HandIn.
  Result<PartialUploadState> Begin(const std::string& address, std::string_view client_name,
                                   std::int64_t bytes, Upload upload);

  /// That it was never there, has expired, or was forgotten at a restart.
  static Error NoSuchUpload();

  /// Errors: kNotFound (NoSuchUpload()).
  Result<PartialUploadState> Find(const std::string& id);

  /// A reader of bytes from `offset` on. A later one takes over from one whose client has gone.
  /// Whoever brings the last byte hands the photo in; an empty piece at the end tries that again.
  /// Errors: kNotFound, kConflict (`offset` is not where it stands).
  Result<std::unique_ptr<http::BodyReader>> Continue(const std::string& id, std::int64_t offset,
                                                     Answer answer);

  /// Errors: kNotFound.
  Result<void> Drop(const std::string& id);

  /// Forgets what has been silent for too long, with its files.
  void RemoveExpired();

 private:
  class Entry;
  class Piece;
  using Entries = std::map<std::string, std::shared_ptr<Entry>>;

  Result<std::shared_ptr<Entry>> FindEntry(const std::string& id);
  Result<http::FairShares::Place> MakeRoom(const std::string& address);
  void TrimComplete();

  const UploadRules* rules_;
  const Clock* clock_;
  const HandIn hand_in_;
  const PartialUploadLimits limits_;
  http::FairShares places_;  ///< Of those that are not complete.
  std::mutex mutex_;         ///< Of entries_; taken before an entry's own.
  Entries entries_;
};

}  // namespace gpen::api
