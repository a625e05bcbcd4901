#include "api/partial_uploads.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/random_id.h"

namespace gpen::api {

// One photo on its way. Every piece of it takes a turn, and only the latest turn may change it.
class PartialUploads::Entry {
 public:
  Entry(const PartialUploads* owner, std::string id, std::string name, std::int64_t bytes,
        Upload upload)
      : owner_(owner),
        id_(std::move(id)),
        name_(std::move(name)),
        bytes_(bytes),
        upload_(std::move(upload)),
        arriving_(owner->rules_->places),
        heard_(owner->clock_->Steady()) {}
  Entry(const Entry&) = delete;
  ~Entry() {
    // A complete photo that never became a job; its receiver deletes an incomplete one.
    if (photo_) DeletePhotos({*photo_}, *owner_->rules_->folder);
  }

  /// Opens the file. Errors: those of PhotoReceiver::Begin.
  Result<void> Open(http::FairShares::Place place) {
    const std::lock_guard lock(mutex_);
    place_.emplace(std::move(place));
    GPEN_ASSIGN_OR_RETURN(auto receiver, PhotoReceiver::Begin(*owner_->rules_, name_));
    receiver_.emplace(std::move(receiver));
    return {};
  }

  /// Hands the photo in as one that is refused.
  Result<void> Refuse(const Error& refusal) {
    const std::lock_guard lock(mutex_);
    GPEN_ASSIGN_OR_RETURN(job_, owner_->hand_in_(upload_, name_, refusal));
    return {};
  }

  Result<int> TakeTurn(std::int64_t offset) {
    const std::lock_guard lock(mutex_);
    if (offset != Offset()) {
      return Error(
          ErrorCode::kConflict,
          fmt::format("expected to go on at byte {}, found {}: ask for the upload's offset",
                      Offset(), offset));
    }
    heard_ = owner_->clock_->Steady();
    return ++turn_;
  }

  Result<void> Write(int turn, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    GPEN_TRY(CheckTurn(turn));
    if (bytes.empty()) return {};
    const auto end = Offset() + static_cast<std::int64_t>(bytes.size());
    if (end > bytes_ || !receiver_) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: expected {} bytes as announced, found more", name_, bytes_));
    }
    heard_ = owner_->clock_->Steady();
    GPEN_TRY(arriving_.Add(static_cast<std::int64_t>(bytes.size())));
    return receiver_->Write(bytes);
  }

  /// After the last byte of a piece.
  Result<PartialUploadState> EndPiece(int turn) {
    const std::lock_guard lock(mutex_);
    GPEN_TRY(CheckTurn(turn));
    if (Offset() == bytes_ && job_ == 0) GPEN_TRY(Complete());
    return StateHere();
  }

  PartialUploadState State() {
    const std::lock_guard lock(mutex_);
    return StateHere();
  }
  bool IsComplete() {
    const std::lock_guard lock(mutex_);
    return job_ != 0;
  }
  Milliseconds Silence() {
    const std::lock_guard lock(mutex_);
    return owner_->clock_->Steady() - heard_;
  }

 private:
  // All below with the lock held.
  std::int64_t Offset() const {
    return receiver_ ? receiver_->bytes() : job_ || photo_ ? bytes_ : 0;
  }

  Result<void> CheckTurn(int turn) const {
    if (turn == turn_) return {};
    return Error(ErrorCode::kConflict, "another request goes on with this upload");
  }

  Result<void> Complete() {
    place_.reset();
    if (!photo_) {
      auto received = receiver_->Finish();
      receiver_.reset();
      if (!received) {
        GPEN_ASSIGN_OR_RETURN(job_, owner_->hand_in_(upload_, name_, std::move(received).error()));
        return {};
      }
      photo_ = *std::move(received);
    }
    GPEN_ASSIGN_OR_RETURN(job_, owner_->hand_in_(upload_, name_, *photo_));
    photo_.reset();  // The job's from now on.
    arriving_.Clear();
    return {};
  }

  PartialUploadState StateHere() const {
    const auto left = owner_->limits_.kept - (owner_->clock_->Steady() - heard_);
    return {id_,
            name_,
            Offset(),
            bytes_,
            owner_->clock_->Now() + std::chrono::duration_cast<Milliseconds>(left),
            job_,
            upload_.added_by};
  }

  const PartialUploads* owner_;
  const std::string id_;
  const std::string name_;
  const std::int64_t bytes_;
  const Upload upload_;
  std::mutex mutex_;
  std::optional<http::FairShares::Place> place_;  ///< While bytes are missing.
  UploadPlaces::Arriving arriving_;
  int turn_ = 0;
  Milliseconds heard_;                     ///< When the last byte came.
  std::optional<PhotoReceiver> receiver_;  ///< While bytes are missing.
  std::optional<ReceivedPhoto> photo_;     ///< Complete, and not yet a job.
  jobs::JobId job_ = 0;
};

// The body of one request that brings bytes.
class PartialUploads::Piece : public http::BodyReader {
 public:
  Piece(std::shared_ptr<Entry> entry, int turn, Answer answer)
      : entry_(std::move(entry)), turn_(turn), answer_(std::move(answer)) {}

  Result<void> Write(std::span<const std::byte> bytes) override {
    return entry_->Write(turn_, bytes);
  }
  void Finish(const http::Responder& responder) override {
    answer_(entry_->EndPiece(turn_), responder);
  }

 private:
  std::shared_ptr<Entry> entry_;
  int turn_;
  Answer answer_;
};

PartialUploads::PartialUploads(const UploadRules* rules, const Clock* clock, HandIn hand_in,
                               PartialUploadLimits limits)
    : rules_(rules),
      clock_(clock),
      hand_in_(std::move(hand_in)),
      limits_(limits),
      places_(limits.most_open) {}

PartialUploads::~PartialUploads() = default;

Result<PartialUploadState> PartialUploads::Begin(const std::string& address,
                                                 std::string_view client_name, std::int64_t bytes,
                                                 Upload upload) {
  if (bytes < 1) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("bytes: expected the photo's size, at least 1, found {}", bytes));
  }
  const auto name = DisplayName(client_name);
  const auto entry = std::make_shared<Entry>(this, RandomId(), name, bytes, std::move(upload));
  if (bytes > rules_->limits.max_file_bytes) {
    GPEN_TRY(entry->Refuse(
        Error(ErrorCode::kImageTooLarge, fmt::format("{}: expected at most {} bytes, found {}",
                                                     name, rules_->limits.max_file_bytes, bytes))));
  } else {
    GPEN_TRY(rules_->places->CheckRoom(bytes));
    GPEN_TRY(rules_->folder->CheckSpace(bytes));
  }
  RemoveExpired();
  const std::lock_guard lock(mutex_);
  if (!entry->IsComplete()) {
    GPEN_ASSIGN_OR_RETURN(auto place, MakeRoom(address));
    GPEN_TRY(entry->Open(std::move(place)));
  }
  TrimComplete();
  const auto state = entry->State();
  entries_[state.id] = entry;
  return state;
}

Result<std::shared_ptr<PartialUploads::Entry>> PartialUploads::FindEntry(const std::string& id) {
  RemoveExpired();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found != entries_.end()) return found->second;
  return NoSuchUpload();
}

Error PartialUploads::NoSuchUpload() {
  return {ErrorCode::kNotFound,
          "no such upload: it was silent for too long, or the service was started anew; send "
          "the photo from its beginning"};
}

Result<PartialUploadState> PartialUploads::Find(const std::string& id) {
  GPEN_ASSIGN_OR_RETURN(const auto entry, FindEntry(id));
  return entry->State();
}

Result<std::unique_ptr<http::BodyReader>> PartialUploads::Continue(const std::string& id,
                                                                   std::int64_t offset,
                                                                   Answer answer) {
  GPEN_ASSIGN_OR_RETURN(const auto entry, FindEntry(id));
  GPEN_ASSIGN_OR_RETURN(const int turn, entry->TakeTurn(offset));
  return std::unique_ptr<http::BodyReader>(std::make_unique<Piece>(
      entry, turn, [this, id, answer = std::move(answer)](auto state, const auto& responder) {
        // Of a photo that is refused, with nobody to show it, nothing is left to go on with.
        if (!state && IsAboutPhoto(state.error())) (void)Drop(id);
        answer(std::move(state), responder);
      }));
}

Result<void> PartialUploads::Drop(const std::string& id) {
  GPEN_ASSIGN_OR_RETURN(const auto entry, FindEntry(id));
  const std::lock_guard lock(mutex_);
  entries_.erase(id);
  return {};
}

void PartialUploads::RemoveExpired() {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_,
                [&](const auto& entry) { return entry.second->Silence() > limits_.kept; });
}

// With the lock held: a place, for which the one that has been silent for the longest time may go.
Result<http::FairShares::Place> PartialUploads::MakeRoom(const std::string& address) {
  if (auto place = places_.Take(address)) return *std::move(place);
  const auto quietest = std::ranges::max_element(entries_, {}, [](const auto& entry) {
    return entry.second->IsComplete() ? Milliseconds(-1) : entry.second->Silence();
  });
  const bool goes = quietest != entries_.end() && !quietest->second->IsComplete() &&
                    quietest->second->Silence() > limits_.protected_for;
  if (goes) {
    entries_.erase(quietest);
    if (auto place = places_.Take(address)) return *std::move(place);
  }
  return Error(ErrorCode::kQueueFull,
               fmt::format("too many photos are being sent, of {} in all: try again in a few "
                           "seconds",
                           limits_.most_open));
}

// With the lock held.
void PartialUploads::TrimComplete() {
  if (static_cast<int>(entries_.size()) < limits_.most_complete + limits_.most_open) return;
  const auto oldest = std::ranges::max_element(entries_, {}, [](const auto& entry) {
    return entry.second->IsComplete() ? entry.second->Silence() : Milliseconds(-1);
  });
  entries_.erase(oldest);
}

}  // namespace gpen::api
