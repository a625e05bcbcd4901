#include "watch/inotify_tree.h"

#include <fmt/format.h>
#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace gpen::watch {
namespace {

constexpr std::uint32_t kMask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

Error InotifyError(int error_number) {
  if (error_number == ENOSPC) {
    return Error(ErrorCode::kUnavailable,
                 "this machine's limit of watched folders is reached: raise it with "
                 "\"sysctl fs.inotify.max_user_watches=524288\"");
  }
  if (error_number == EMFILE) {
    return Error(ErrorCode::kUnavailable,
                 "this machine's limit of programs that watch folders is reached: raise it with "
                 "\"sysctl fs.inotify.max_user_instances=1024\"");
  }
  return Error(ErrorCode::kUnavailable, fmt::format("the system gives no notices of changes: {}",
                                                    std::strerror(error_number)));
}

ChangeKind KindOf(std::uint32_t mask) {
  if ((mask & IN_ISDIR) != 0) {
    return (mask & (IN_CREATE | IN_MOVED_TO)) != 0 ? ChangeKind::kFolderCame
                                                   : ChangeKind::kFolderWent;
  }
  return (mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0 ? ChangeKind::kWritten : ChangeKind::kTouched;
}

}  // namespace

Result<InotifyTree> InotifyTree::Create() {
  Descriptor inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify.is_open()) return InotifyError(errno);
  return InotifyTree(std::move(inotify));
}

Result<void> InotifyTree::Add(int folder, const std::string& relative) {
  // By descriptor: a link that somebody puts in the folder's place meanwhile is not followed.
  const int watch =
      ::inotify_add_watch(inotify_.get(), fmt::format("/proc/self/fd/{}", folder).c_str(), kMask);
  if (watch < 0) return InotifyError(errno);
  folders_[watch] = relative;
  return {};
}

void InotifyTree::Remove(const std::string& relative) {
  const std::string below = relative + "/";
  for (auto found = folders_.begin(); found != folders_.end();) {
    if (found->second == relative || found->second.starts_with(below)) {
      ::inotify_rm_watch(inotify_.get(), found->first);
      found = folders_.erase(found);
    } else {
      ++found;
    }
  }
}

Changes InotifyTree::Read() {
  Changes changes;
  alignas(inotify_event) std::array<char, 1 << 16> buffer;
  const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
  for (ssize_t at = 0; at < size;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    if ((event->mask & IN_Q_OVERFLOW) != 0) {
      changes.overflowed = true;
      continue;
    }
    const auto found = folders_.find(event->wd);
    if (found == folders_.end()) continue;  // Of a folder that was removed since.
    const std::string folder = found->second;
    if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0) {
      // Folders below the root are told of by their parents too.
      changes.root_went |= folder.empty() || (event->mask & IN_UNMOUNT) != 0;
    }
    if ((event->mask & IN_IGNORED) != 0) folders_.erase(found);
    if (event->len == 0) continue;  // About the folder itself.
    const std::string name = event->name;
    if ((event->mask & IN_ISDIR) == 0 && (event->mask & (IN_DELETE | IN_MOVED_FROM)) != 0) continue;
    if ((event->mask & (IN_ISDIR | IN_ATTRIB)) == (IN_ISDIR | IN_ATTRIB)) continue;
    changes.list.push_back(
        {KindOf(event->mask), folder.empty() ? name : fmt::format("{}/{}", folder, name)});
  }
  return changes;
}

}  // namespace gpen::watch
