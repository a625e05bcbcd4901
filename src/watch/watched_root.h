// WatchedRoot: a watched folder, open, with what its file system can be trusted with.
//
// Everything beneath it is reached through it, so that a folder which is moved or unmounted
// meanwhile is not mixed up with what lies at its path then. A value that can be moved.
#pragma once

#include <filesystem>
#include <utility>

#include "base/descriptor.h"
#include "base/result.h"
#include "watch/file_identity.h"

namespace gpen::watch {

class WatchedRoot {
 public:
  /// Not open.
  WatchedRoot() = default;
  /// `is_network` says what is_network() does; Open() finds it out.
  WatchedRoot(Descriptor folder, bool is_network)
      : folder_(std::move(folder)), is_network_(is_network) {}

  /// Errors: those of OpenRoot().
  static Result<WatchedRoot> Open(const std::filesystem::path& path);

  bool is_open() const { return folder_.is_open(); }
  /// The open folder's descriptor, -1 where it is not open. Stays the root's.
  int folder() const { return folder_.get(); }

  /// On a network share or FUSE: other machines change files without notice and by another clock,
  /// and inodes are made up anew at every mount.
  bool is_network() const { return is_network_; }
  bool inodes_are_stable() const { return !is_network_; }

  /// As the functions of that name, for files beneath this root.
  bool SameContent(const FileIdentity& a, const FileIdentity& b) const {
    return watch::SameContent(a, b, inodes_are_stable());
  }
  bool SameWritten(const FileIdentity& a, const FileIdentity& b) const {
    return watch::SameWritten(a, b, inodes_are_stable());
  }

 private:
  Descriptor folder_;
  bool is_network_ = false;
};

}  // namespace gpen::watch
