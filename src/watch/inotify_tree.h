// InotifyTree: the kernel's notices of what changes in a set of folders.
//
// Not recursive by itself: its user adds each folder that it meets, before it lists it. Belongs to
// one thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace gpen::watch {

enum class ChangeKind : std::uint8_t {
  kWritten,     ///< A file was closed after writing, or moved in.
  kTouched,     ///< A file appeared or its attributes changed; it may be open still.
  kFolderCame,  ///< Created or moved in: add and list it.
  kFolderWent,
};

struct Change {
  ChangeKind kind;
  std::string path;  ///< Relative, as its folder was added.
};

struct Changes {
  std::vector<Change> list;
  bool overflowed = false;  ///< Some were lost: look at everything.
  bool root_went = false;   ///< Deleted, moved or unmounted.
};

class InotifyTree {
 public:
  /// Errors: kUnavailable, saying which limit of the system to raise.
  static Result<InotifyTree> Create();

  /// Listens to the open folder from now on. Errors: kUnavailable, as above.
  Result<void> Add(int folder, const std::string& relative);
  /// Stops listening to the folder and all below it.
  void Remove(const std::string& relative);

  /// For poll(): readable when there is a change.
  int descriptor() const { return inotify_.get(); }
  std::size_t folders() const { return folders_.size(); }

  /// What is there now, without waiting: at most about a thousand changes.
  Changes Read();

 private:
  explicit InotifyTree(Descriptor inotify) : inotify_(std::move(inotify)) {}

  Descriptor inotify_;
  std::map<int, std::string> folders_;  // By watch descriptor.
};

}  // namespace gpen::watch
