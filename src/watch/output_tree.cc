#include "watch/output_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "base/file_attributes.h"
#include "base/rename.h"
#include "base/room.h"
#include "base/sha256.h"
#include "watch/beneath.h"
#include "watch/mount.h"

namespace gpen::watch {
namespace {

namespace fs = std::filesystem;

constexpr int kMostNames = 1000;
constexpr std::size_t kLongestName = 255;
constexpr std::int64_t kMostResultBytes = std::int64_t{4} << 30;

Error Unavailable(const fs::path& path, const std::string& why) {
  return Error(ErrorCode::kUnavailable,
               fmt::format("the output folder {} {}", PrintablePath(path.native()), why));
}

// The temporary file of a process that is gone, or of ours from before a restart.
bool IsHalfWritten(std::string_view name) {
  constexpr std::string_view kPrefix = ".gpen-";
  if (!name.starts_with(kPrefix) || !name.ends_with(".tmp")) return false;
  pid_t process = 0;
  const auto [end, error] =
      std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), process);
  if (error != std::errc() || *end != '-' || process <= 0) return false;
  return process == ::getpid() || (::kill(process, 0) != 0 && errno == ESRCH);
}

// What was intended is in place.
void Adopt(const Intention& intended, WatchedFile* file) {
  file->output = intended.written;
  file->sha256 = intended.sha256;
  file->result_key = intended.result_key;
}

}  // namespace

std::string ResultNameFor(const std::string& name, const std::string& extension, int attempt) {
  const fs::path original(name);
  std::string stem = original.stem().native();
  std::string end = extension.empty() ? original.extension().native() : extension;
  // "a.png" and "a.jpg" both become "a.jpg": the second one is "a.png.jpg".
  if (attempt > 0 && !extension.empty()) stem = name;
  const int number = extension.empty() ? attempt + 1 : attempt;
  if (number > 1) end = fmt::format(" ({})", number) + end;
  if (stem.size() + end.size() > kLongestName) {
    std::size_t length = kLongestName - end.size();
    // Not in the middle of a UTF-8 sequence.
    while (length > 1 && (static_cast<unsigned char>(stem[length]) & 0xC0U) == 0x80U) --length;
    stem.resize(length);
  }
  return stem + end;
}

std::string OutputTree::FolderFor(const std::string& path) const {
  const fs::path folder = fs::path(path).parent_path();
  return folder_->output_is_sibling() ? (folder / folder_->output).native() : folder.native();
}

fs::path OutputTree::Absolute(const WrittenFile& written) const {
  return (folder_->output_is_sibling() ? folder_->path : folder_->output) / written.path;
}

Result<Descriptor> OutputTree::OpenBase(const WatchedRoot& root) const {
  if (folder_->output_is_sibling()) return OpenFolderBeneath(root.folder(), "");
  GPEN_ASSIGN_OR_RETURN(FolderMemory memory, ledger_->Recall(folder_->name));
  const fs::path& path = folder_->output;
  auto base = OpenRoot(path);
  if (!base && base.error().code() == ErrorCode::kNotFound && !memory.output_existed) {
    struct stat like = {};
    if (::fstat(root.folder(), &like) != 0 || ::mkdir(path.c_str(), 0700) != 0) {
      return Unavailable(path, fmt::format("cannot be created: {}", std::strerror(errno)));
    }
    base = OpenRoot(path);
    if (base) {
      // Where owners cannot be given away, the folder stays the service's own.
      [[maybe_unused]] const int owned = ::fchown(base->get(), like.st_uid, like.st_gid);
      [[maybe_unused]] const int moded = ::fchmod(base->get(), like.st_mode & 0777U);
    }
  }
  if (!base) return Unavailable(path, "cannot be opened: " + base.error().message());
  const bool is_mount = IsMountRoot(base->get());
  if (memory.output_was_mount && !is_mount && IsEmptyFolder(base->get())) {
    return Unavailable(path, "was a mounted disk or share and is now an empty folder: mount it");
  }
  if (!memory.output_existed || memory.output_was_mount != is_mount) {
    memory.output_existed = true;
    memory.output_was_mount = is_mount;
    GPEN_TRY(ledger_->Remember(folder_->name, memory));
  }
  return base;
}

Result<void> OutputTree::CheckRoom(const WatchedRoot& root, const std::string& path,
                                   std::int64_t bytes) const {
  constexpr std::int64_t kReserve = std::int64_t{32} << 20;
  GPEN_ASSIGN_OR_RETURN(Descriptor folder, OpenBase(root));
  // As far as the result's folder is there; the rest would be created in what is.
  for (const auto& part : fs::path(FolderFor(path))) {
    auto next = OpenFolderBeneath(folder.get(), part);
    if (!next) break;
    folder = *std::move(next);
  }
  const auto why = WhyNoNewFile(folder.get(), {bytes, kReserve});
  if (why.empty()) return {};
  return Unavailable(Absolute({}),
                     fmt::format("takes no result: {}; mend that, it then goes on by itself", why));
}

Result<Descriptor> OutputTree::MakeFolder(const WatchedRoot& root, int base,
                                          const std::string& path) const {
  GPEN_ASSIGN_OR_RETURN(Descriptor folder, OpenFolderBeneath(base, ""));
  fs::path source;
  for (const auto& part : fs::path(FolderFor(path))) {
    const bool is_ours = folder_->output_is_sibling() && part == folder_->output &&
                         source == fs::path(path).parent_path();
    if (!is_ours) source /= part;
    const bool created = ::mkdirat(folder.get(), part.c_str(), 0700) == 0;
    if (!created && errno != EEXIST) {
      return Unavailable(Absolute({}),
                         fmt::format("takes no folder \"{}\": {}", PrintablePath(part.native()),
                                     std::strerror(errno)));
    }
    auto next = OpenFolderBeneath(folder.get(), part);
    if (!next) {
      return Unavailable(Absolute({}), fmt::format("has something else in the place of the folder "
                                                   "\"{}\": move it away",
                                                   PrintablePath(part.native())));
    }
    folder = *std::move(next);
    if (!created) continue;
    struct stat like = {};
    const auto model = OpenFolderBeneath(root.folder(), source);
    if (!model || ::fstat(model->get(), &like) != 0) continue;
    // Where owners cannot be given away, the folder stays the service's own.
    [[maybe_unused]] const int owned = ::fchown(folder.get(), like.st_uid, like.st_gid);
    [[maybe_unused]] const int moded = ::fchmod(folder.get(), like.st_mode & 0777U);
  }
  return folder;
}

Result<bool> OutputTree::IsIntact(const WatchedRoot& root, const WrittenFile& written) const {
  if (written.path.empty()) return false;
  GPEN_ASSIGN_OR_RETURN(const Descriptor base, OpenBase(root));
  GPEN_ASSIGN_OR_RETURN(const auto found, LookBeneath(base.get(), written.path));
  return found && root.SameWritten(*found, written.identity);
}

Result<std::vector<std::byte>> OutputTree::Read(const WatchedRoot& root,
                                                const WrittenFile& written) const {
  GPEN_ASSIGN_OR_RETURN(const Descriptor base, OpenBase(root));
  GPEN_ASSIGN_OR_RETURN(const Descriptor file, OpenFileBeneath(base.get(), written.path));
  GPEN_ASSIGN_OR_RETURN(auto bytes, ReadOpenFile(file.get(), Absolute(written), kMostResultBytes));
  if (Sha256(bytes) == written.sha256) return bytes;
  return Error(ErrorCode::kConflict, fmt::format("{} was changed by somebody",
                                                 PrintablePath(Absolute(written).native())));
}

Result<bool> OutputTree::TakeIntended(const WatchedRoot& root, WatchedFile* file) const {
  const Intention intended = std::exchange(file->intended, {});
  if (intended.written.path.empty()) return false;
  GPEN_ASSIGN_OR_RETURN(const bool in_place, IsIntact(root, intended.written));
  if (!in_place) return false;
  // An earlier result of the photo has its time too: without inodes only the content tells.
  if (!root.inodes_are_stable() && !Read(root, intended.written)) return false;
  Adopt(intended, file);
  return intended.generation == file->generation;
}

Result<void> OutputTree::Deliver(const WatchedRoot& root, WatchedFile file,
                                 const NewResult& result) const {
  GPEN_ASSIGN_OR_RETURN(const Descriptor base, OpenBase(root));
  const WrittenFile before = file.output;
  GPEN_ASSIGN_OR_RETURN(const bool ours, IsIntact(root, before));
  const std::string name = fs::path(file.path).filename().native();
  const fs::path folder = FolderFor(file.path);
  for (int attempt = 0; attempt < kMostNames; ++attempt) {
    const std::string result_name = ResultNameFor(name, result.extension, attempt);
    const std::string target = (folder / result_name).native();
    // The name of another photo is kept for that one's result.
    if (result_name != name && target != before.path) {
      const auto beside = fs::path(file.path).parent_path() / result_name;
      GPEN_ASSIGN_OR_RETURN(const auto other, LookBeneath(root.folder(), beside.native()));
      if (other) continue;
    }
    GPEN_ASSIGN_OR_RETURN(const auto claim, ledger_->WithOutput(file.folder, target));
    if (claim && claim->id != file.id) continue;
    const bool replace = ours && target == before.path;
    GPEN_ASSIGN_OR_RETURN(const bool written,
                          Write(root, base.get(), &file, target, result, replace));
    if (!written) continue;
    // The result of an earlier content, under another extension, unless it was edited meanwhile. If
    // it stays, no harm is done.
    const auto still_ours = target != before.path ? IsIntact(root, before) : Result<bool>(false);
    if (still_ours && *still_ours) {
      if (const auto old = OpenFolderBeneath(base.get(), fs::path(before.path).parent_path())) {
        ::unlinkat(old->get(), fs::path(before.path).filename().c_str(), 0);
      }
    }
    Adopt(std::exchange(file.intended, {}), &file);
    file.state = FileState::kDone;
    file.message.clear();
    GPEN_TRY(ledger_->Update(file));
    return {};
  }
  return Unavailable(Absolute({}), fmt::format("has {} files with names like \"{}\" already",
                                               kMostNames, PrintablePath(name)));
}

// False where the name is taken. With `replace` the present result, which has that name, goes.
Result<bool> OutputTree::Write(const WatchedRoot& root, int base, WatchedFile* file,
                               const std::string& target, const NewResult& result,
                               bool replace) const {
  // Where the photo is gone, perhaps with its mount, no folder is made.
  GPEN_ASSIGN_OR_RETURN(const Descriptor source, OpenFileBeneath(root.folder(), file->path));
  GPEN_ASSIGN_OR_RETURN(Descriptor folder, MakeFolder(root, base, file->path));
  // Of any kind: also a link, which is not to be written through.
  struct stat there = {};
  const bool taken = ::fstatat(folder.get(), fs::path(target).filename().c_str(), &there,
                               AT_SYMLINK_NOFOLLOW) == 0;
  if (taken && !replace) return false;
  GPEN_ASSIGN_OR_RETURN(const struct stat like, StatusOf(source.get(), file->path));
  GPEN_ASSIGN_OR_RETURN(AtomicFile output,
                        AtomicFile::CreateIn(std::move(folder), Absolute({target, {}, {}})));
  GPEN_TRY(output.Write(result.bytes));
  CopyOwnerAndMode(source.get(), output.descriptor());
  if (folder_->keep_date) CopyModificationTime(source.get(), output.descriptor());
  GPEN_TRY(output.Sync());
  GPEN_ASSIGN_OR_RETURN(const struct stat status, StatusOf(output.descriptor(), target));
  file->intended = {{target, IdentityOf(status), result.sha256},
                    file->generation,
                    result.of_sha256,
                    result.result_key};
  if (!root.SameContent(IdentityOf(like), file->identity)) {
    return Error(ErrorCode::kConflict,
                 "the photo was replaced meanwhile; the new one has its turn");
  }
  GPEN_ASSIGN_OR_RETURN(const bool stored, ledger_->Update(*file));
  if (!stored) {
    return Error(ErrorCode::kConflict,
                 "the photo was replaced meanwhile; the new one has its turn");
  }
  // Writing took its time: an earlier result that somebody has edited meanwhile is theirs now.
  if (replace) {
    GPEN_ASSIGN_OR_RETURN(const bool still_ours, IsIntact(root, file->output));
    if (!still_ours) return false;
  }
  const auto committed =
      output.Commit(replace ? AtomicFile::IfExists::kReplace : AtomicFile::IfExists::kFail);
  if (committed) return true;
  if (committed.error().code() == ErrorCode::kConflict) return false;
  return committed.error();
}

Result<void> OutputTree::Follow(const WatchedRoot& root, const WatchedFile& before,
                                const WatchedFile& after) const {
  GPEN_ASSIGN_OR_RETURN(const Descriptor base, OpenBase(root));
  // The row of before goes on under the new name, so that its job still knows it.
  WatchedFile row = before;
  row.identity = after.identity;
  row.output = {};
  GPEN_ASSIGN_OR_RETURN(const bool intact, IsIntact(root, before.output));
  const fs::path old_path(before.output.path);
  const std::string extension = old_path.extension().native();
  const std::string name = fs::path(after.path).filename().native();
  const fs::path folder = FolderFor(after.path);
  const bool same_extension = fs::path(name).extension() == old_path.extension();
  for (int attempt = 0; !before.output.path.empty() && attempt < kMostNames; ++attempt) {
    const std::string target =
        (folder / ResultNameFor(name, same_extension ? "" : extension, attempt)).native();
    WrittenFile moved = before.output;
    moved.path = target;
    // After a crash it may be there already.
    GPEN_ASSIGN_OR_RETURN(const bool there, IsIntact(root, moved));
    if (there) row.output = moved;
    if (there || !intact) break;
    GPEN_ASSIGN_OR_RETURN(const Descriptor to, MakeFolder(root, base.get(), after.path));
    GPEN_ASSIGN_OR_RETURN(const Descriptor from,
                          OpenFolderBeneath(base.get(), old_path.parent_path()));
    const std::string new_name = fs::path(target).filename().native();
    const int failed =
        RenameWithoutReplacing(from.get(), old_path.filename().native(), to.get(), new_name);
    if (failed == EEXIST) continue;
    if (failed != 0) {
      return Unavailable(Absolute({}), fmt::format("takes no file \"{}\": {}",
                                                   PrintablePath(new_name), std::strerror(failed)));
    }
    row.output = moved;
    break;
  }
  return ledger_->InTransaction([&]() -> Result<void> {
    GPEN_TRY(ledger_->Erase(after.id));
    GPEN_TRY(ledger_->Rename(row.id, after.path));
    GPEN_TRY(ledger_->Update(row));
    return {};
  });
}

void OutputTree::RemoveHalfWritten(const WatchedRoot& root, const std::string& path) const {
  const auto base = OpenBase(root);
  if (!base) return;
  auto folder = OpenFolderBeneath(base->get(), FolderFor(path));
  if (!folder) return;
  const int listed = folder->get();
  DIR* stream = ::fdopendir(folder->Release());
  if (stream == nullptr) return;
  while (const dirent* entry = ::readdir(stream)) {
    if (IsHalfWritten(entry->d_name)) ::unlinkat(listed, entry->d_name, 0);
  }
  ::closedir(stream);
}

}  // namespace gpen::watch
