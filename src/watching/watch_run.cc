// The part of WatchKeeper that a worker runs: one watched photo, from its folder to its output.
#include <fmt/format.h>

#include "base/file.h"
#include "base/sha256.h"
#include "watch/beneath.h"
#include "watching/watch_keeper.h"

namespace gpen::watching {
namespace {

using watch::WatchedFile;

constexpr Milliseconds kSettleAgain{1'000};
// Of a first result that was made again: no photo's key, so that none takes it for its own.
constexpr std::string_view kFirstAgain = "first again";

Error Replaced() {
  return Error(ErrorCode::kConflict, "the photo was replaced meanwhile; the new one has its turn");
}

// The photo's bytes, all of one content.
Result<std::vector<std::byte>> ReadWhole(int root, const WatchedFile& file, std::int64_t max_bytes,
                                         bool inodes_are_stable) {
  GPEN_ASSIGN_OR_RETURN(const auto open, watch::OpenFileBeneath(root, file.path));
  GPEN_ASSIGN_OR_RETURN(const auto before, watch::StatusOf(open.get(), file.path));
  if (!watch::SameContent(watch::IdentityOf(before), file.identity, inodes_are_stable) ||
      watch::IsBeingWritten(open.get())) {
    return Replaced();
  }
  GPEN_ASSIGN_OR_RETURN(auto bytes,
                        ReadOpenFile(open.get(), watch::PrintablePath(file.path), max_bytes));
  GPEN_ASSIGN_OR_RETURN(const auto after, watch::StatusOf(open.get(), file.path));
  if (watch::IdentityOf(before) != watch::IdentityOf(after) ||
      static_cast<std::int64_t>(bytes.size()) != file.identity.size) {
    return Replaced();
  }
  return bytes;
}

// Empty where the result keeps the photo's name: "A.JPG" stays what it is.
std::string ExtensionFor(const WatchedFile& file, const photos::PhotoOptions& options,
                         codec::Format format) {
  if (!options.format) return "";
  const std::string own = std::filesystem::path(file.path).extension().string();
  return codec::FormatFromName(own) == format ? "" : std::string(codec::ExtensionOf(format));
}

}  // namespace

Result<jobs::JobResult> WatchKeeper::Run(const jobs::Job& job, const photos::PhotoTask& task,
                                         jobs::JobContext& context) {
  GPEN_ASSIGN_OR_RETURN(auto file, parts_.ledger->Find(task.watched_file));
  if (!file || file->generation != task.generation) return GiveUp(job, task, Replaced());
  const Folder* folder = FindFolder(file->folder);
  if (folder == nullptr) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("the folder \"{}\" is not watched any more", file->folder));
  }
  auto outcome = RunIn(*folder, *std::move(file), job, task, context);
  if (outcome || (outcome.error().code() != ErrorCode::kConflict &&
                  outcome.error().code() != ErrorCode::kNotFound)) {
    return outcome;
  }
  return GiveUp(job, task, outcome.error());
}

// The photo changed or went away: nobody's failure. What is there now has to settle again.
Error WatchKeeper::GiveUp(const jobs::Job& job, const photos::PhotoTask& task,
                          const Error& reason) {
  const auto resettled = parts_.ledger->InTransaction([&]() -> Result<void> {
    GPEN_ASSIGN_OR_RETURN(auto now, parts_.ledger->Find(task.watched_file));
    if (!now || now->generation != task.generation) return {};
    now->state = watch::FileState::kSettling;
    now->due = parts_.clock->Now() + kSettleAgain;
    now->job = 0;
    GPEN_TRY(parts_.ledger->Update(*now));
    return {};
  });
  if (!resettled) return resettled.error();
  // The queue then takes the run for cancelled, whatever it returns.
  if (const auto cancelled = parts_.store->Cancel(job.id); !cancelled) return reason;
  return Error(ErrorCode::kCancelled, reason.message());
}

Result<jobs::JobResult> WatchKeeper::RunIn(const Folder& folder, WatchedFile file,
                                           const jobs::Job& job, const photos::PhotoTask& task,
                                           jobs::JobContext& context) {
  const auto& watcher = folder.watcher;
  if (const auto status = watcher.Status(); status.state == watch::FolderState::kUnreachable) {
    return Error(ErrorCode::kUnavailable, status.message);
  }
  const bool stable = watcher.inodes_are_stable();
  const auto root = watch::OpenRoot(folder.settings.folder.path);
  if (!root) return Error(ErrorCode::kUnavailable, root.error().message());
  const int fd = root->get();
  photos::PhotoResult result;
  result.watched_file = file.id;
  std::int64_t faces_bytes = 0;
  const auto finish = [&](std::int64_t seconds_ms) -> Result<jobs::JobResult> {
    GPEN_ASSIGN_OR_RETURN(const auto done, parts_.ledger->Find(file.id));
    if (done && !done->output.path.empty()) {
      result.output = watch::PrintablePath(folder.outputs.Absolute(done->output).native());
    }
    result.seconds = static_cast<double>(seconds_ms) / 1000;
    return jobs::JobResult{photos::FormatResult(result), faces_bytes};
  };

  // A crash came after the result was put in place and before the queue knew.
  GPEN_ASSIGN_OR_RETURN(const bool delivered, folder.outputs.TakeIntended(fd, &file, stable));
  if (delivered || file.state == watch::FileState::kDone) {
    file.state = watch::FileState::kDone;
    GPEN_TRY(parts_.ledger->Update(file));
    return finish(0);
  }
  GPEN_TRY(folder.outputs.CheckSpace(fd, 2 * file.identity.size));
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        ReadWhole(fd, file, parts_.runner->limits().max_file_bytes, stable));
  const std::string sha256 = Sha256(bytes);
  const std::string key = photos::KeyOf(sha256, task.options, parts_.model_sha256) +
                          (folder.settings.copies_without_faces ? "+copy" : "+skip");
  result.before = photos::ResultBase(job) + ".before.jpg";
  result.after = photos::ResultBase(job) + ".after.jpg";
  GPEN_ASSIGN_OR_RETURN(const auto reused, Reuse(folder, fd, file, sha256, key));
  if (!reused.bytes.empty()) {
    // The photo is done: pictures for the page are worth no failure now.
    [[maybe_unused]] const auto drawn = parts_.runner->DrawThumbnails(bytes, reused.bytes, result);
    const auto other = parts_.store->Find(reused.job);
    const auto known = other ? photos::ParseResult(other->result) : Error(other.error());
    if (known && other->state == jobs::JobState::kDone) {
      result.report = known->report;
      GPEN_ASSIGN_OR_RETURN(const bool keeps_faces, HasRoomForFaces());
      if (keeps_faces) faces_bytes = parts_.runner->CopyFaces(*other, job).value_or(0);
    }
    return finish(0);
  }

  GPEN_ASSIGN_OR_RETURN(auto restored,
                        parts_.runner->Restore(job.name, bytes, task.options, context));
  const bool is_restored = restored.report.restored_anything();
  const std::span<const std::byte> after = is_restored ? restored.file : std::span(bytes);
  GPEN_TRY(parts_.runner->WriteThumbnails(restored, result));
  GPEN_ASSIGN_OR_RETURN(const bool keeps_faces, HasRoomForFaces());
  if (keeps_faces) {
    GPEN_ASSIGN_OR_RETURN(faces_bytes, parts_.runner->KeepFaces(job, restored, task.options));
  }
  if (!is_restored && !folder.settings.copies_without_faces) {
    file.state = watch::FileState::kSkipped;
    file.message = "no face was found";
    file.sha256 = sha256;
    file.result_key = key;
    GPEN_TRY(parts_.ledger->Update(file));
  } else {
    watch::NewResult made;
    made.bytes = after;
    made.sha256 = is_restored ? Sha256(after) : sha256;
    made.of_sha256 = sha256;
    made.result_key = key;
    if (is_restored) made.extension = ExtensionFor(file, task.options, restored.format);
    GPEN_TRY(folder.outputs.Deliver(fd, file, made, stable));
  }
  result.report = restore::FormatJson(restored.report);
  return finish(static_cast<std::int64_t>(restored.report.times.total_ms()));
}

Result<bool> WatchKeeper::HasRoomForFaces() const {
  if (parts_.max_bytes_with_faces == 0) return true;
  GPEN_ASSIGN_OR_RETURN(const auto status, parts_.store->Status());
  return status.stored_bytes < parts_.max_bytes_with_faces;
}

// Takes the result of an equal photo with equal options, where one lies in an output.
Result<WatchKeeper::Reused> WatchKeeper::Reuse(const Folder& folder, int root,
                                               const WatchedFile& file, const std::string& sha256,
                                               const std::string& key) {
  GPEN_ASSIGN_OR_RETURN(const auto equals, parts_.ledger->WithResultKey(key));
  for (const auto& equal : equals) {
    const Folder* other = FindFolder(equal.folder);
    if (other == nullptr || equal.output.path.empty()) continue;
    const auto other_root = watch::OpenRoot(other->settings.folder.path);
    if (!other_root) continue;
    auto bytes = other->outputs.Read(other_root->get(), equal.output);
    if (!bytes) continue;  // Somebody changed or took it: it is made anew.
    watch::NewResult made;
    made.bytes = *bytes;
    made.sha256 = equal.output.sha256;
    made.of_sha256 = sha256;
    made.result_key = key;
    const auto extension = std::filesystem::path(equal.output.path).extension();
    if (std::filesystem::path(file.path).extension() != extension) made.extension = extension;
    GPEN_TRY(folder.outputs.Deliver(root, file, made, folder.watcher.inodes_are_stable()));
    return Reused{*std::move(bytes), equal.job};
  }
  return Reused{};
}

// The task's photo and row, while they are still those that it was made from.
Result<WatchKeeper::DoneFile> WatchKeeper::FindDone(const photos::PhotoTask& task) const {
  const Error moved(
      ErrorCode::kConflict,
      "the photo was moved, replaced or deleted: its result cannot be changed any more");
  GPEN_ASSIGN_OR_RETURN(auto file, parts_.ledger->Find(task.watched_file));
  const Folder* folder = file ? FindFolder(file->folder) : nullptr;
  if (folder == nullptr || file->generation != task.generation ||
      file->state != watch::FileState::kDone) {
    return moved;
  }
  // Where a share was mounted, nothing is written meanwhile.
  const auto status = folder->watcher.Status();
  if (status.state == watch::FolderState::kUnreachable) {
    return Error(ErrorCode::kUnavailable, status.message);
  }
  if (!PlacePhoto(task)) return moved;
  return DoneFile{folder, *std::move(file)};
}

Result<void> WatchKeeper::ReplaceResult(const photos::PhotoTask& task,
                                        std::span<const std::byte> bytes, codec::Format format,
                                        bool is_first) const {
  GPEN_ASSIGN_OR_RETURN(auto done, FindDone(task));
  auto& [folder, file] = done;
  const auto root = watch::OpenRoot(folder->settings.folder.path);
  if (!root) return Error(ErrorCode::kUnavailable, root.error().message());
  const bool stable = folder->watcher.inodes_are_stable();
  // A crash came in the middle of the last time.
  GPEN_TRY(folder->outputs.TakeIntended(root->get(), &file, stable));
  GPEN_TRY(folder->outputs.CheckSpace(root->get(), static_cast<std::int64_t>(bytes.size())));
  watch::NewResult made;
  made.bytes = bytes;
  made.sha256 = Sha256(bytes);
  made.of_sha256 = file.sha256;
  // A choice has no key: an equal photo gets the usual result.
  if (is_first) made.result_key = kFirstAgain;
  made.extension = ExtensionFor(file, task.options, format);
  return folder->outputs.Deliver(root->get(), std::move(file), made, stable);
}

Result<bool> WatchKeeper::HoldsChoice(const photos::PhotoTask& task) const {
  GPEN_ASSIGN_OR_RETURN(const auto file, parts_.ledger->Find(task.watched_file));
  if (!file || file->generation != task.generation || file->output.path.empty()) return false;
  // An intention that a crash left may be in place already.
  return file->result_key.empty() ||
         (!file->intended.written.path.empty() && file->intended.result_key.empty());
}

}  // namespace gpen::watching
