#include "remote/named_roots.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/file_attributes.h"
#include "base/sha256.h"
#include "watch/beneath.h"

namespace gpen::remote {
namespace {

namespace fs = std::filesystem;

// Says of a result whose it is.
constexpr const char* kMark = "user.gpen.task";
constexpr std::int64_t kMostResultBytes = std::int64_t{4} << 30;

bool IsName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

Error BadRoots(std::string_view why) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("roots: expected name=/absolute/path, by comma: {}", why));
}

bool HasMark(int file, const std::string& task) {
  std::array<char, 256> mark = {};
  const ssize_t size = ::fgetxattr(file, kMark, mark.data(), mark.size());
  return size == static_cast<ssize_t>(task.size()) &&
         std::equal(task.begin(), task.end(), mark.begin());
}

// What lies in the place of a result decides what is done with it.
enum class Present : std::uint8_t { kNothing, kSame, kOfTheTask, kOther };

Result<Present> Look(int folder, const fs::path& name, std::span<const std::byte> bytes,
                     const std::string& task) {
  struct stat status = {};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return Present::kNothing;
    return Error(ErrorCode::kUnavailable, std::strerror(errno));
  }
  const auto file = watch::OpenFileBeneath(folder, name);
  if (!file) return Present::kOther;  // A link, a folder.
  if (HasMark(file->get(), task)) return Present::kOfTheTask;
  if (status.st_size != static_cast<std::int64_t>(bytes.size())) return Present::kOther;
  GPEN_ASSIGN_OR_RETURN(const auto there, ReadOpenFile(file->get(), name, kMostResultBytes));
  return std::ranges::equal(there, bytes) ? Present::kSame : Present::kOther;
}

// A share's files belong to its people: what is new takes owner and rights after the folder `like`.
// Where they cannot be given away, it stays the worker's own.
void TakeAfter(int like, int made, unsigned most_rights) {
  struct stat status = {};
  if (::fstat(like, &status) != 0) return;
  [[maybe_unused]] const int owned = ::fchown(made, status.st_uid, status.st_gid);
  [[maybe_unused]] const int allowed = ::fchmod(made, status.st_mode & most_rights);
}

// The folder `relative`; its last part is made where it is missing.
Result<Descriptor> OpenOrMake(int root, const fs::path& relative) {
  if (relative.empty()) return watch::OpenFolderBeneath(root, relative);
  GPEN_ASSIGN_OR_RETURN(const Descriptor above,
                        watch::OpenFolderBeneath(root, relative.parent_path()));
  const bool made = ::mkdirat(above.get(), relative.filename().c_str(), 0700) == 0;
  auto folder = watch::OpenFolderBeneath(above.get(), relative.filename());
  if (folder && made) TakeAfter(above.get(), folder->get(), 0777);
  return folder;
}

// Removes the files of a folder of which `is_meant` says so.
template <typename IsMeant>
void RemoveFiles(int folder, const IsMeant& is_meant) {
  auto listed = watch::OpenFolderBeneath(folder, "");
  DIR* stream = listed ? ::fdopendir(listed->Release()) : nullptr;
  if (stream == nullptr) return;
  while (const dirent* entry = ::readdir(stream)) {
    if (is_meant(std::string_view(entry->d_name))) ::unlinkat(folder, entry->d_name, 0);
  }
  ::closedir(stream);
}

// How the names of the files begin that a task has half written, after ".gpen-": a task's id may
// have any letters and any length.
std::string HalfWrittenBy(const std::string& task) {
  return fmt::format("task-{}-", Sha256(AsBytes(task)).substr(0, 16));
}

// What a killed worker, perhaps of another machine, left of this task's result. Files of other
// tasks may be in use.
void RemoveHalfWritten(int folder, const std::string& task) {
  const std::string start = ".gpen-" + HalfWrittenBy(task);
  RemoveFiles(folder, [&](std::string_view name) {
    return name.starts_with(start) && name.ends_with(".tmp");
  });
}

}  // namespace

Result<std::vector<NamedRoot>> ParseRoots(std::string_view text) {
  std::vector<NamedRoot> roots;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto equals = part.find('=');
    const auto name = part.substr(0, equals);
    if (equals == std::string_view::npos || !IsName(name)) {
      return BadRoots(fmt::format("found \"{}\"", part));
    }
    NamedRoot root{std::string(name), fs::path(part.substr(equals + 1))};
    if (!root.path.is_absolute()) return BadRoots(fmt::format("\"{}\" is not absolute", part));
    if (std::ranges::count(roots, root.name, &NamedRoot::name) > 0) {
      return BadRoots(fmt::format("\"{}\" comes twice", name));
    }
    roots.push_back(std::move(root));
  }
  return roots;
}

Result<RootedPath> ParseRootedPath(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected a photo as root:path, found \"{}\": {}",
                             watch::PrintablePath(text.substr(0, 200)), why));
  };
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !IsName(text.substr(0, colon))) {
    return refuse("it begins with no name of a root");
  }
  RootedPath path{std::string(text.substr(0, colon)), fs::path(text.substr(colon + 1))};
  if (text.find('\0') != std::string_view::npos) return refuse("it holds a zero byte");
  if (!path.relative.is_relative() || !path.relative.has_filename()) {
    return refuse("the path must be relative to the root and name a file");
  }
  for (const auto& part : path.relative) {
    if (part == ".." || part == "." || part.empty()) return refuse("it leads out of the root");
  }
  return path;
}

std::string FormatRootedPath(const RootedPath& path) {
  return path.root + ":" + watch::PrintablePath(path.relative.native());
}

Result<Descriptor> NamedRoots::Open(const std::string& name) const {
  const auto found = std::ranges::find(roots_, name, &NamedRoot::name);
  if (found != roots_.end()) {
    auto root = watch::OpenRoot(found->path);
    if (root) return root;
    // Its disk or share may come, and another machine may have it.
    return Error(ErrorCode::kUnavailable,
                 fmt::format("the root \"{}\": {}", name, root.error().message()));
  }
  return Error(
      ErrorCode::kNotFound,
      fmt::format("this worker has no root \"{}\": give it one with --root {}=/path", name, name));
}

Result<std::vector<std::byte>> NamedRoots::Read(const RootedPath& path,
                                                std::int64_t most_bytes) const {
  GPEN_ASSIGN_OR_RETURN(const Descriptor root, Open(path.root));
  GPEN_ASSIGN_OR_RETURN(const Descriptor file, watch::OpenFileBeneath(root.get(), path.relative));
  return ReadOpenFile(file.get(), FormatRootedPath(path), most_bytes);
}

Result<void> NamedRoots::Write(const RootedPath& to, std::span<const std::byte> bytes,
                               const ResultOwner& owner, const RootedPath* like) const {
  GPEN_ASSIGN_OR_RETURN(const Descriptor root, Open(to.root));
  const fs::path parent = to.relative.parent_path();
  const fs::path name = to.relative.filename();
  GPEN_ASSIGN_OR_RETURN(Descriptor folder, OpenOrMake(root.get(), parent));
  if (owner.again) RemoveHalfWritten(folder.get(), owner.task);
  GPEN_ASSIGN_OR_RETURN(const Present present, Look(folder.get(), name, bytes, owner.task));
  if (present == Present::kSame) return {};
  if (present == Present::kOther) {
    return Error(ErrorCode::kConflict,
                 fmt::format("{} is there already: nothing is overwritten", FormatRootedPath(to)));
  }
  GPEN_ASSIGN_OR_RETURN(
      AtomicFile output,
      AtomicFile::CreateIn(std::move(folder), fs::path(FormatRootedPath(to)).parent_path() / name,
                           HalfWrittenBy(owner.task)));
  // Where the file system keeps no such marks, an equal result is known by its bytes.
  [[maybe_unused]] const int marked =
      ::fsetxattr(output.descriptor(), kMark, owner.task.data(), owner.task.size(), 0);
  GPEN_TRY(output.Write(bytes));
  const auto source = like != nullptr && like->root == to.root
                          ? watch::OpenFileBeneath(root.get(), like->relative)
                          : Error(ErrorCode::kNotFound, "no photo beneath this root");
  if (source) {
    CopyOwnerAndMode(source->get(), output.descriptor());
    CopyModificationTime(source->get(), output.descriptor());
  } else if (const auto beneath = watch::OpenFolderBeneath(root.get(), parent)) {
    TakeAfter(beneath->get(), output.descriptor(), 0666);
  }
  return output.Commit(present == Present::kOfTheTask ? AtomicFile::IfExists::kReplace
                                                      : AtomicFile::IfExists::kFail);
}

void NamedRoots::Remove(const RootedPath& path) const {
  const auto root = Open(path.root);
  if (!root) return;
  const auto folder = watch::OpenFolderBeneath(root->get(), path.relative.parent_path());
  if (folder) ::unlinkat(folder->get(), path.relative.filename().c_str(), 0);
}

Result<void> NamedRoots::EmptyFolder(
    const RootedPath& folder,
    const std::function<bool(const std::filesystem::path&)>& is_meant) const {
  GPEN_ASSIGN_OR_RETURN(const Descriptor root, Open(folder.root));
  const auto open = watch::OpenFolderBeneath(root.get(), folder.relative);
  if (open) RemoveFiles(open->get(), is_meant);
  return {};
}

}  // namespace gpen::remote
