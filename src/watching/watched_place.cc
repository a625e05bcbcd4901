#include "watching/watched_place.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/sha256.h"
#include "watch/beneath.h"

namespace gpen::watching {
namespace {

// The key of a first result that was made again: no photo's key, so that none takes it for its own.
constexpr std::string_view kFirstResultAgain = "first again";

const photos::ExternalPhoto& PhotoOf(const photos::PhotoTask& task) {
  return std::get<photos::ExternalPhoto>(task.source);
}

Result<photos::PlacedFile> Place(int base, const std::filesystem::path& relative) {
  GPEN_ASSIGN_OR_RETURN(auto folder, watch::OpenFolderBeneath(base, relative.parent_path()));
  photos::PlacedFile placed;
  placed.folder = std::make_shared<const Descriptor>(std::move(folder));
  placed.path =
      fmt::format("/proc/self/fd/{}/", placed.folder->get()) + relative.filename().native();
  return placed;
}

}  // namespace

Result<jobs::JobResult> WatchedPlace::Run(const photos::PhotoJob& job,
                                          jobs::JobContext& context) const {
  return WatchedRun(parts_, job, context).Run();
}

Result<photos::PlacedFile> WatchedPlace::PlaceOriginal(const photos::PhotoTask& task) const {
  const Error gone(ErrorCode::kNotFound,
                   "the photo is no longer where it was found: it was moved, replaced or deleted");
  GPEN_ASSIGN_OR_RETURN(const auto file, parts_.ledger->Find(PhotoOf(task).row));
  const WatchedFolder* folder = file ? parts_.folders->Find(file->folder) : nullptr;
  if (folder == nullptr || file->generation != PhotoOf(task).generation) return gone;
  GPEN_ASSIGN_OR_RETURN(const auto root, watch::WatchedRoot::Open(folder->settings.folder.path));
  GPEN_ASSIGN_OR_RETURN(const auto found, watch::LookBeneath(root.folder(), file->path));
  if (!found || !root.SameContent(*found, file->identity)) return gone;
  return Place(root.folder(), file->path);
}

Result<photos::PlacedFile> WatchedPlace::PlaceResult(const photos::PhotoResult& result) const {
  const Error gone(ErrorCode::kNotFound,
                   "the result is no longer where it was put: it was moved, changed or deleted");
  const auto row = std::get<photos::ExternalResult>(result.place).row;
  GPEN_ASSIGN_OR_RETURN(const auto file, parts_.ledger->Find(row));
  const WatchedFolder* folder = file ? parts_.folders->Find(file->folder) : nullptr;
  if (folder == nullptr || file->output.path.empty()) return gone;
  GPEN_ASSIGN_OR_RETURN(const auto root, watch::WatchedRoot::Open(folder->settings.folder.path));
  GPEN_ASSIGN_OR_RETURN(const bool intact, folder->outputs.IsIntact(root, file->output));
  if (!intact) return gone;
  GPEN_ASSIGN_OR_RETURN(const auto base, folder->outputs.OpenBase(root));
  return Place(base.get(), file->output.path);
}

Result<std::optional<bool>> WatchedPlace::OutputFolderIsAdjusted(
    const photos::PhotoTask& task) const {
  const auto& photo = PhotoOf(task);
  GPEN_ASSIGN_OR_RETURN(const auto file, parts_.ledger->Find(photo.row));
  if (!file || file->generation != photo.generation || file->output.path.empty()) {
    return std::optional(false);
  }
  // An adjusted result has no key. An intention that a crash left may be in place already.
  return std::optional(file->result_key.empty() ||
                       (!file->intended.written.path.empty() && file->intended.result_key.empty()));
}

Result<WatchedPlace::DoneFile> WatchedPlace::FindDone(const photos::PhotoTask& task) const {
  const Error moved(
      ErrorCode::kConflict,
      "the photo was moved, replaced or deleted: its result cannot be changed any more");
  GPEN_ASSIGN_OR_RETURN(auto file, parts_.ledger->Find(PhotoOf(task).row));
  const WatchedFolder* folder = file ? parts_.folders->Find(file->folder) : nullptr;
  if (folder == nullptr || file->generation != PhotoOf(task).generation ||
      file->state != watch::FileState::kDone) {
    return moved;
  }
  GPEN_ASSIGN_OR_RETURN(auto root, folder->OpenRoot());
  if (!PlaceOriginal(task)) return moved;
  return DoneFile{folder, std::move(root), *std::move(file)};
}

Result<void> WatchedPlace::ReplaceResult(const photos::PhotoTask& task,
                                         std::span<const std::byte> bytes, codec::Format format,
                                         photos::ResultKind kind) const {
  GPEN_ASSIGN_OR_RETURN(auto done, FindDone(task));
  auto& [folder, root, file] = done;
  // A crash came in the middle of the last time.
  GPEN_TRY(folder->outputs.TakeIntended(root, &file));
  GPEN_TRY(folder->outputs.CheckRoom(root, file.path, static_cast<std::int64_t>(bytes.size())));
  watch::NewResult made;
  made.bytes = bytes;
  made.sha256 = Sha256(bytes);
  made.of_sha256 = file.sha256;
  // An adjusted result has no key: an equal photo gets the usual one.
  if (kind == photos::ResultKind::kFirst) made.result_key = kFirstResultAgain;
  made.extension = ExtensionFor(file, task.options, format);
  return folder->outputs.Deliver(root, std::move(file), made);
}

}  // namespace gpen::watching
