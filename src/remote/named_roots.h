// NamedRoots: the folders of this machine that tasks may speak of, each by a name: the same share
// has one name on all machines and may be mounted anywhere. "album:2001/a.jpg" is a file beneath
// the root "album"; nothing else of the machine can be named, and no link leads out.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace gpen::remote {

struct NamedRoot {
  std::string name;
  std::filesystem::path path;
};

/// A file beneath a root.
struct RootedPath {
  std::string root;
  std::filesystem::path relative;  ///< Without "..", links aside.
};

/// "name=/path,name=/path". Errors: kInvalidArgument (names of letters, digits, "-" and "_", once
/// each; absolute paths).
Result<std::vector<NamedRoot>> ParseRoots(std::string_view text);

/// "name:path". Errors: kInvalidArgument (no name, an absolute path, a part that is "..").
Result<RootedPath> ParseRootedPath(std::string_view text);

/// As ParseRootedPath() reads it; what is no UTF-8 becomes "?".
std::string FormatRootedPath(const RootedPath& path);

/// Whose result is written.
struct ResultOwner {
  std::string task;
  bool again = false;  ///< It may have been begun before, by a worker that was killed.
};

class NamedRoots {
 public:
  explicit NamedRoots(std::vector<NamedRoot> roots) : roots_(std::move(roots)) {}

  /// The file's bytes. Errors: kNotFound (no such root or file, or a link), kImageTooLarge,
  /// kInvalidArgument (may not be read), kUnavailable (the root's folder is not there now...).
  Result<std::vector<std::byte>> Read(const RootedPath& path, std::int64_t most_bytes) const;

  /// Writes a result: whole or not at all, with the owner, mode and date of `like`, and marked as
  /// `owner`'s, so that the same task may replace it and take away what was half written. Creates
  /// no folders but `to`'s own one. Errors: kConflict (there is another file), kNotFound (no such
  /// root or folder), kUnavailable (disk full...).
  Result<void> Write(const RootedPath& to, std::span<const std::byte> bytes,
                     const ResultOwner& owner, const RootedPath* like) const;

  /// Removes a file, as far as it is there and may be removed.
  void Remove(const RootedPath& path) const;
  /// Removes the files of a folder of ours of which `is_meant` says so; one that is not there is
  /// empty. Errors: kNotFound (no such root), kUnavailable.
  Result<void> EmptyFolder(const RootedPath& folder,
                           const std::function<bool(const std::filesystem::path&)>& is_meant) const;

  const std::vector<NamedRoot>& all() const { return roots_; }

 private:
  Result<Descriptor> Open(const std::string& root) const;

  std::vector<NamedRoot> roots_;
};

}  // namespace gpen::remote
