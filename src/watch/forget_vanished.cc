#include "watch/forget_vanished.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "watch/beneath.h"
#include "watch/mount.h"

namespace gpen::watch {
namespace {

constexpr int kBatch = 200;

// Whether what lay at `path` may be away with its mount: its folder is empty, or not there, as with
// automounters that take the mount point away too.
Result<bool> MayBeAway(int base, const std::filesystem::path& path) {
  const auto folder = OpenFolderBeneath(base, path.parent_path());
  if (folder) return IsEmptyFolder(folder->get());
  if (folder.error().code() == ErrorCode::kNotFound) return true;
  return folder.error();
}

// What cannot be looked at is not gone.
bool IsGone(int base, const std::filesystem::path& path) {
  const auto found = LookBeneath(base, path);
  if (!found || *found) return false;
  const auto away = MayBeAway(base, path);
  return away && !*away;
}

}  // namespace

Result<int> ForgetVanished(const WatchedRoot& root, const std::string& folder,
                           const OutputTree& outputs, Ledger* ledger, Timestamp now,
                           const std::stop_token& stop) {
  GPEN_ASSIGN_OR_RETURN(const Descriptor base, outputs.OpenBase(root));
  int forgotten = 0;
  FileId after = 0;
  while (!stop.stop_requested()) {
    GPEN_ASSIGN_OR_RETURN(const auto files, ledger->Finished(folder, after, kBatch));
    if (files.empty()) break;
    after = files.back().id;
    for (const auto& file : files) {
      const bool gone = IsGone(root.folder(), file.path) &&
                        (file.output.path.empty() || IsGone(base.get(), file.output.path));
      const Timestamp since = file.gone_since;
      const bool was_gone = since != Timestamp();
      if (gone && was_gone && now - since >= kForgottenAfter) {
        GPEN_TRY(ledger->Erase(file.id));
        ++forgotten;
      } else if (gone != was_gone) {
        GPEN_TRY(ledger->SetGoneSince(file.id, gone ? now : Timestamp()));
      }
    }
  }
  return forgotten;
}

}  // namespace gpen::watch
