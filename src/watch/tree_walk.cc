#include "watch/tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "watch/beneath.h"

namespace gpen::watch {
namespace {

constexpr std::size_t kMostProblems = 5;

struct CloseFolder {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

// Device and inode: the same folder under any name, also through links and bind mounts.
using FolderIdentity = std::pair<dev_t, ino_t>;

std::set<FolderIdentity> Identities(const std::vector<std::filesystem::path>& paths) {
  std::set<FolderIdentity> identities;
  for (const auto& path : paths) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) == 0) identities.emplace(status.st_dev, status.st_ino);
  }
  return identities;
}

class Walk {
 public:
  Walk(int root, const TreeWalkOptions& options, const TreeVisitor& visitor, std::stop_token stop)
      : root_(root),
        options_(options),
        visitor_(visitor),
        stop_(std::move(stop)),
        excluded_(Identities(options.excluded)) {}

  Result<std::vector<std::string>> Run(const std::string& start) {
    pending_.push_back(start);
    while (!pending_.empty()) {
      if (stop_.stop_requested()) return Error(ErrorCode::kCancelled, "stopped");
      const std::string relative = std::move(pending_.back());
      pending_.pop_back();
      auto folder = OpenFolderBeneath(root_, relative);
      if (!folder) {
        if (relative.empty()) return std::move(folder).error();
        // One that vanished meanwhile is no problem.
        if (folder.error().code() != ErrorCode::kNotFound) Note(folder.error().message());
        continue;
      }
      GPEN_TRY(List(*std::move(folder), relative));
    }
    return std::move(problems_);
  }

 private:
  Result<void> List(Descriptor folder, const std::string& relative) {
    struct stat status = {};
    if (::fstat(folder.get(), &status) != 0) return {};
    // The walk's own start is never excluded: it may be the root that another folder excludes.
    if (!relative.empty() && excluded_.contains({status.st_dev, status.st_ino})) return {};
    if (visitor_.on_folder) GPEN_TRY(visitor_.on_folder(folder.get(), relative));
    const int listed = folder.Release();
    const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(listed));
    if (!stream) return {};
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      GPEN_TRY(Meet(listed, *entry, relative));
    }
    if (errno != 0) {
      Note("cannot read all of " + PrintablePath(relative.empty() ? "the folder" : relative));
    }
    return {};
  }

  Result<void> Meet(int folder, const dirent& entry, const std::string& relative) {
    const std::string_view name = entry.d_name;
    const bool may_be_folder = entry.d_type == DT_DIR || entry.d_type == DT_UNKNOWN;
    const bool may_be_photo = entry.d_type == DT_REG || entry.d_type == DT_UNKNOWN;
    const bool enters = may_be_folder && options_.recursive && name != options_.sibling &&
                        options_.filter.EntersFolder(name);
    const bool looks = may_be_photo && options_.filter.IsPhoto(name);
    if (!enters && !looks) return {};
    struct stat status = {};
    if (::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    const std::string path = relative.empty() ? std::string(name) : relative + "/" + entry.d_name;
    if (S_ISDIR(status.st_mode) && enters) {
      pending_.push_back(path);
    } else if (S_ISREG(status.st_mode) && looks) {
      GPEN_TRY(visitor_.on_photo(path, IdentityOf(status)));
    }
    return {};
  }

  void Note(std::string problem) {
    if (problems_.size() < kMostProblems) problems_.push_back(std::move(problem));
  }

  const int root_;
  const TreeWalkOptions& options_;
  const TreeVisitor& visitor_;
  const std::stop_token stop_;
  const std::set<FolderIdentity> excluded_;
  std::vector<std::string> pending_;
  std::vector<std::string> problems_;
};

}  // namespace

Result<std::vector<std::string>> WalkTree(int root, const std::string& start,
                                          const TreeWalkOptions& options,
                                          const TreeVisitor& visitor, std::stop_token stop) {
  return Walk(root, options, visitor, std::move(stop)).Run(start);
}

}  // namespace gpen::watch
