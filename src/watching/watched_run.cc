#include "watching/watched_run.h"

#include <fmt/format.h>

#include <utility>

#include "base/file.h"
#include "base/sha256.h"
#include "photos/photo_key.h"
#include "photos/photo_texts.h"
#include "watch/beneath.h"

namespace gpen::watching {
namespace {

using watch::FileState;

constexpr Milliseconds kLookAgain{1'000};

Error Replaced() {
  return Error(ErrorCode::kConflict, "the photo was replaced meanwhile; the new one has its turn");
}

}  // namespace

std::string ExtensionFor(const watch::WatchedFile& file, const restore::PhotoOptions& options,
                         codec::Format format) {
  if (!options.format) return "";
  const std::string own = std::filesystem::path(file.path).extension().string();
  return codec::FormatFromName(own) == format ? "" : std::string(codec::ExtensionOf(format));
}

WatchedRun::WatchedRun(const RunParts& parts, const photos::PhotoJob& job,
                       jobs::JobContext& context)
    : parts_(parts),
      job_(job),
      photo_(std::get<photos::ExternalPhoto>(job.task.source)),
      context_(context) {}

Result<jobs::JobResult> WatchedRun::Run() {
  GPEN_ASSIGN_OR_RETURN(auto found, parts_.ledger->Find(photo_.row));
  if (!found || found->generation != photo_.generation) return GiveUp(Replaced());
  file_ = *std::move(found);
  folder_ = parts_.folders->Find(file_.folder);
  if (folder_ == nullptr) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("the folder \"{}\" is not watched any more", file_.folder));
  }
  auto outcome = RunInFolder();
  if (outcome || (outcome.error().code() != ErrorCode::kConflict &&
                  outcome.error().code() != ErrorCode::kNotFound)) {
    return outcome;
  }
  return GiveUp(outcome.error());
}

Error WatchedRun::GiveUp(const Error& reason) {
  const auto put_back = parts_.ledger->InTransaction([&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(auto now, parts_.ledger->Find(photo_.row));
    if (!now || now->generation != photo_.generation) return {};
    now->state = FileState::kSettling;
    now->due = parts_.clock->Now() + kLookAgain;
    now->job = 0;
    GPEN_TRY(parts_.ledger->Update(*now));
    return {};
  });
  if (!put_back) return put_back.error();
  // The queue then takes the run for cancelled, whatever it returns.
  if (const auto cancelled = parts_.store->Cancel(job_.job.id); !cancelled) return reason;
  return Error(ErrorCode::kCancelled, reason.message());
}

Result<jobs::JobResult> WatchedRun::RunInFolder() {
  auto root = folder_->OpenRoot();
  if (!root) return context_.HoldBack(std::move(root).error());
  root_ = *std::move(root);
  GPEN_ASSIGN_OR_RETURN(const bool delivered, TakeDelivered());
  if (delivered) return Finish();
  // What could not be put in place is not computed.
  if (auto room = folder_->outputs.CheckRoom(root_, file_.path, 2 * file_.identity.size); !room) {
    return context_.HoldBack(std::move(room).error());
  }
  GPEN_ASSIGN_OR_RETURN(const auto models, parts_.models->For(job_.task.options));
  GPEN_ASSIGN_OR_RETURN(const auto photo, ReadPhoto());
  sha256_ = Sha256(photo);
  key_ = photos::KeyOf(sha256_, job_.task.options, models) +
         (folder_->settings.copies_without_faces ? "+copy" : "+skip");
  result_.before = photos::ResultBase(job_.job) + ".before.jpg";
  result_.after = photos::ResultBase(job_.job) + ".after.jpg";
  GPEN_ASSIGN_OR_RETURN(const bool reused, Reuse(photo));
  if (!reused) GPEN_TRY(Restore(photo));
  return Finish();
}

// A crash came after the result was put in place and before the queue knew.
Result<bool> WatchedRun::TakeDelivered() {
  GPEN_ASSIGN_OR_RETURN(const bool delivered, folder_->outputs.TakeIntended(root_, &file_));
  if (!delivered && file_.state != FileState::kDone) return false;
  file_.state = FileState::kDone;
  GPEN_TRY(parts_.ledger->Update(file_));
  return true;
}

// The photo's bytes, all of one content.
Result<std::vector<std::byte>> WatchedRun::ReadPhoto() const {
  GPEN_ASSIGN_OR_RETURN(const auto open, watch::OpenFileBeneath(root_.folder(), file_.path));
  GPEN_ASSIGN_OR_RETURN(const auto before, watch::StatusOf(open.get(), file_.path));
  if (!root_.SameContent(watch::IdentityOf(before), file_.identity) ||
      watch::IsBeingWritten(open.get())) {
    return Replaced();
  }
  GPEN_ASSIGN_OR_RETURN(auto bytes, ReadOpenFile(open.get(), watch::PrintablePath(file_.path),
                                                 parts_.runner->limits().max_file_bytes));
  GPEN_ASSIGN_OR_RETURN(const auto after, watch::StatusOf(open.get(), file_.path));
  if (watch::IdentityOf(before) != watch::IdentityOf(after) ||
      static_cast<std::int64_t>(bytes.size()) != file_.identity.size) {
    return Replaced();
  }
  return bytes;
}

Result<bool> WatchedRun::Reuse(std::span<const std::byte> photo) {
  GPEN_ASSIGN_OR_RETURN(const auto equals, parts_.ledger->WithResultKey(key_));
  for (const auto& equal : equals) {
    const WatchedFolder* other = parts_.folders->Find(equal.folder);
    if (other == nullptr || equal.output.path.empty()) continue;
    const auto other_root = watch::WatchedRoot::Open(other->settings.folder.path);
    if (!other_root) continue;
    const auto bytes = other->outputs.Read(*other_root, equal.output);
    if (!bytes) continue;  // Somebody changed or took it: it is made anew.
    watch::NewResult made;
    made.bytes = *bytes;
    made.sha256 = equal.output.sha256;
    made.of_sha256 = sha256_;
    made.result_key = key_;
    const auto extension = std::filesystem::path(equal.output.path).extension();
    if (std::filesystem::path(file_.path).extension() != extension) made.extension = extension;
    GPEN_TRY(folder_->outputs.Deliver(root_, file_, made));
    // The photo is done: pictures for the page are worth no failure now.
    [[maybe_unused]] const auto drawn = parts_.runner->DrawThumbnails(photo, *bytes, result_);
    GPEN_TRY(TakeOver(equal.job));
    return true;
  }
  return false;
}

// What is known of the job that had made the result: its report, and its faces.
Result<void> WatchedRun::TakeOver(jobs::JobId other) {
  const auto found = parts_.store->Find(other);
  const auto known = found ? photos::PhotoJob::Of(*found) : Error(found.error());
  if (!known || !known->result) return {};
  result_.report = known->result->report;
  if (!known->result->mask.empty()) {
    result_.mask = photos::ResultBase(job_.job) + ".mask.png";
    if (!parts_.runner->CopyMask(*known->result, result_)) result_.mask = "";
  }
  result_.machine = known->result->machine;
  GPEN_ASSIGN_OR_RETURN(const bool keeps_faces, HasRoomForFaces());
  if (keeps_faces) faces_bytes_ = parts_.runner->CopyFaces(known->job, job_.job).value_or(0);
  return {};
}

Result<void> WatchedRun::Restore(std::span<const std::byte> photo) {
  const auto& options = job_.task.options;
  GPEN_ASSIGN_OR_RETURN(const auto restored,
                        parts_.runner->Restore(job_.job.name, photo, options, context_));
  const bool is_restored = restored.figures.restored_anything;
  if (!restored.mask_preview.empty()) {
    result_.mask = photos::ResultBase(job_.job) + ".mask.png";
  }
  GPEN_TRY(parts_.runner->WriteThumbnails(restored, result_));
  GPEN_ASSIGN_OR_RETURN(const bool keeps_faces, HasRoomForFaces());
  if (keeps_faces) {
    GPEN_ASSIGN_OR_RETURN(faces_bytes_, parts_.runner->KeepFaces(job_.job, restored));
  }
  result_.seconds =
      static_cast<double>(static_cast<std::int64_t>(restored.figures.times.total_ms())) / 1000;
  result_.report = restored.report;
  result_.machine = restored.machine;
  if (!is_restored && !folder_->settings.copies_without_faces) return SkipWithoutFaces();
  watch::NewResult made;
  made.bytes = is_restored ? restored.file : photo;
  made.sha256 = is_restored ? Sha256(made.bytes) : sha256_;
  made.of_sha256 = sha256_;
  made.result_key = key_;
  if (is_restored) made.extension = ExtensionFor(file_, options, restored.format);
  return folder_->outputs.Deliver(root_, file_, made);
}

Result<void> WatchedRun::SkipWithoutFaces() {
  file_.state = FileState::kSkipped;
  file_.message = "nothing was restored";
  file_.sha256 = sha256_;
  file_.result_key = key_;
  GPEN_TRY(parts_.ledger->Update(file_));
  return {};
}

Result<bool> WatchedRun::HasRoomForFaces() const {
  if (parts_.max_bytes_with_faces == 0) return true;
  GPEN_ASSIGN_OR_RETURN(const auto status, parts_.store->Status());
  return status.stored_bytes < parts_.max_bytes_with_faces;
}

Result<jobs::JobResult> WatchedRun::Finish() {
  photos::ExternalResult place;
  place.row = file_.id;
  GPEN_ASSIGN_OR_RETURN(const auto done, parts_.ledger->Find(file_.id));
  if (done && !done->output.path.empty()) {
    place.path = watch::PrintablePath(folder_->outputs.Absolute(done->output).native());
  }
  result_.place = std::move(place);
  return jobs::JobResult{photos::FormatResult(result_), faces_bytes_};
}

}  // namespace gpen::watching
