#include "watching/watched_folders.h"

#include <algorithm>

#include "codec/cut_short.h"
#include "watch/beneath.h"

namespace gpen::watching {

WatchedFolder::WatchedFolder(const WatchSettings& chosen, watch::Ledger* ledger, const Clock& clock)
    : settings(chosen),
      watcher(settings.folder, ledger, clock, codec::LooksCutShort),
      outputs(&settings.folder, ledger),
      intake(ledger, &outputs),
      ledger_(ledger) {}

Result<watch::WatchedRoot> WatchedFolder::OpenRoot() const {
  const auto status = watcher.Status();
  if (status.state == watch::FolderState::kUnreachable) {
    return Error(ErrorCode::kUnavailable, status.message);
  }
  auto root = watch::WatchedRoot::Open(settings.folder.path);
  if (!root) return Error(ErrorCode::kUnavailable, root.error().message());
  return root;
}

void WatchedFolder::Hold(const std::string& reason) {
  const std::scoped_lock lock(mutex_);
  held_ = reason;
}

watch::FolderView WatchedFolder::View() const {
  const auto status = watcher.Status();
  watch::FolderView view;
  view.name = name();
  view.path = watch::PrintablePath(settings.folder.path.native());
  view.output = watch::PrintablePath(settings.folder.output.native());
  view.state = watch::NameOf(status.state);
  view.message = status.message;
  {
    const std::scoped_lock lock(mutex_);
    if (!held_.empty() && status.state != watch::FolderState::kUnreachable) {
      view.state = "held";
      view.message = held_;
    }
  }
  const auto counts = ledger_->Count(name());
  if (counts) view.counts = *counts;
  if (!counts) view.message = counts.error().message();
  return view;
}

WatchedFolders::WatchedFolders(const std::vector<WatchSettings>& folders, watch::Ledger* ledger,
                               const Clock& clock) {
  for (const auto& settings : folders) folders_.emplace_back(settings, ledger, clock);
}

const WatchedFolder* WatchedFolders::Find(const std::string& name) const {
  const auto found = std::ranges::find_if(
      folders_, [&](const WatchedFolder& folder) { return folder.name() == name; });
  return found == folders_.end() ? nullptr : &*found;
}

std::vector<watch::FolderView> WatchedFolders::View() const {
  std::vector<watch::FolderView> views;
  for (const auto& folder : folders_) views.push_back(folder.View());
  return views;
}

}  // namespace gpen::watching
