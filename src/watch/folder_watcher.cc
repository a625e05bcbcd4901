#include "watch/folder_watcher.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "watch/beneath.h"
#include "watch/mount.h"

namespace gpen::watch {
namespace {

constexpr int kBatch = 200;  // Files in one transaction.
constexpr Milliseconds kRootCheck{2'000};
constexpr Milliseconds kLeastStable{500};
// Even where the system gives notices: a mount that appears inside the tree gives none.
constexpr std::chrono::hours kSafetyScan{6};
// Looking at a large tree may take long: at most a tenth of the time goes into it.
constexpr int kRestPerScan = 10;

std::string JoinLines(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

}  // namespace

std::string_view NameOf(FolderState state) {
  constexpr std::array<std::string_view, 4> kNames = {"starting", "watching", "polling",
                                                      "unreachable"};
  return kNames[static_cast<std::size_t>(state)];
}

FolderWatcher::FolderWatcher(WatchFolder folder, Ledger* ledger, const Clock& clock,
                             CutShortCheck looks_cut_short)
    : folder_(std::move(folder)),
      ledger_(ledger),
      clock_(clock),
      looks_cut_short_(std::move(looks_cut_short)),
      filter_(folder_.skipped),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void FolderWatcher::Wake() {
  const std::uint64_t one = 1;
  // It can fail only when it is set already.
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof(one));
}

FolderStatus FolderWatcher::Status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

void FolderWatcher::SetState(FolderState state, const std::string& message) {
  const std::scoped_lock lock(mutex_);
  status_.state = state;
  status_.message = message;
}

void FolderWatcher::SetUnreachable(const std::string& message) {
  inotify_.reset();
  root_ = WatchedRoot();
  SetState(FolderState::kUnreachable, message);
}

Result<void> FolderWatcher::Round(Milliseconds wait, std::stop_token stop) {
  GPEN_ASSIGN_OR_RETURN(const bool reachable, CheckRoot());
  if (!reachable) {
    Wait(std::min(wait, kRootCheck));
    return {};
  }
  if (scan_due_ || clock_.Steady() >= next_scan_) {
    scan_due_ = false;
    const Milliseconds begin = clock_.Steady();
    GPEN_TRY(Scan("", stop));
    const Milliseconds end = clock_.Steady();
    const Milliseconds usual = inotify_ ? Milliseconds(kSafetyScan) : folder_.poll;
    next_scan_ = end + std::max(usual, (end - begin) * kRestPerScan);
  } else {
    Wait(Patience(wait));
  }
  GPEN_TRY(TakeChanges(stop));
  return LookAtSettling();
}

Milliseconds FolderWatcher::Patience(Milliseconds wait) {
  wait = std::min(wait, next_scan_ - clock_.Steady());
  const auto due = ledger_->NextDue(folder_.name, FileState::kSettling);
  if (due && *due) {
    wait = std::min(wait, std::chrono::duration_cast<Milliseconds>(**due - clock_.Now()));
  }
  return std::max(wait, Milliseconds(0));
}

void FolderWatcher::Wait(Milliseconds wait) {
  std::array<pollfd, 2> sources = {{{wake_.get(), POLLIN, 0}, {-1, POLLIN, 0}}};
  if (inotify_) sources[1].fd = inotify_->descriptor();
  ::poll(sources.data(), sources.size(), static_cast<int>(wait.count()) + 1);
  std::uint64_t ignored = 0;
  [[maybe_unused]] const auto cleared = ::read(wake_.get(), &ignored, sizeof(ignored));
}

// --- The root

// True if the folder is there, and is the one that is open.
Result<bool> FolderWatcher::CheckRoot() {
  if (root_.is_open() && clock_.Steady() < next_root_check_) return true;
  next_root_check_ = clock_.Steady() + kRootCheck;
  auto root = WatchedRoot::Open(folder_.path);
  if (!root) {
    SetUnreachable(root.error().message());
    return false;
  }
  struct stat status = {};
  if (::fstat(root->folder(), &status) != 0) {
    SetUnreachable("cannot read " + PrintablePath(folder_.path.native()));
    return false;
  }
  const auto device = static_cast<std::int64_t>(status.st_dev);
  if (root_.is_open() && device == root_device_ &&
      static_cast<std::int64_t>(status.st_ino) == root_identity_.inode) {
    return true;
  }
  root_device_ = device;
  root_identity_ = IdentityOf(status);
  return TakeRoot(*std::move(root));
}

Result<bool> FolderWatcher::TakeRoot(WatchedRoot root) {
  GPEN_ASSIGN_OR_RETURN(FolderMemory memory, ledger_->Recall(folder_.name));
  const bool is_mount = IsMountRoot(root.folder());
  if (memory.root_was_mount && !is_mount && IsEmptyFolder(root.folder())) {
    SetUnreachable(
        fmt::format("{} was a mounted disk or share and is now an empty folder: mount it again. "
                    "Nothing is taken for deleted",
                    PrintablePath(folder_.path.native())));
    return false;
  }
  if (memory.root_was_mount != is_mount) {
    memory.root_was_mount = is_mount;
    GPEN_TRY(ledger_->Remember(folder_.name, memory));
  }
  root_ = std::move(root);
  scan_due_ = true;
  StartListening();
  return true;
}

void FolderWatcher::StartListening() {
  inotify_.reset();
  if (folder_.always_poll) return Poll("");
  // Notices tell of this machine's changes only; a share is changed by others.
  if (root_.is_network()) return Poll("");
  auto inotify = InotifyTree::Create();
  if (!inotify) return Poll(inotify.error().message());
  inotify_ = *std::move(inotify);
  SetState(FolderState::kWatching, "");
}

void FolderWatcher::Poll(const std::string& reason) {
  inotify_.reset();
  scan_due_ = true;
  SetState(
      FolderState::kPolling,
      reason.empty()
          ? ""
          : fmt::format("{}; until then the folder is looked at every {} seconds", reason,
                        std::chrono::duration_cast<std::chrono::seconds>(folder_.poll).count()));
}

// --- Finding

TreeWalkOptions FolderWatcher::WalkOptions() const {
  TreeWalkOptions options;
  options.recursive = folder_.recursive;
  options.filter = filter_;
  if (folder_.output_is_sibling()) options.sibling = folder_.output.string();
  options.excluded = folder_.excluded;
  return options;
}

// For a photo of which no notice says that it was closed.
Timestamp FolderWatcher::DueOfUnheard(const FileIdentity& identity) const {
  const Timestamp now = clock_.Now();
  // On this machine's own disks nothing happens to a file without its ctime. A share's clock is
  // another one: there only a second look tells.
  const Timestamp changed{Milliseconds(identity.ctime_ns / 1'000'000)};
  if (!root_.is_network() && !folder_.always_poll && changed + folder_.stable < now) return now;
  return now + folder_.stable;
}

Result<void> FolderWatcher::Scan(const std::string& start, std::stop_token stop) {
  std::vector<std::pair<std::string, FileIdentity>> batch;
  const auto flush = [&] {
    return ledger_->InTransaction([&]() -> Result<void> {
      for (const auto& [path, identity] : batch) {
        GPEN_TRY(ledger_->NoteSeen(folder_.name, path, identity, DueOfUnheard(identity),
                                   root_.inodes_are_stable()));
      }
      batch.clear();
      return {};
    });
  };
  TreeVisitor visitor;
  visitor.on_folder = [&](int folder, const std::string& relative) -> Result<void> {
    if (!inotify_) return {};
    // Without a notice for each folder, notices are worth nothing: look at intervals instead.
    if (const auto added = inotify_->Add(folder, relative); !added) Poll(added.error().message());
    return {};
  };
  visitor.on_photo = [&](const std::string& path, const FileIdentity& identity) -> Result<void> {
    batch.emplace_back(path, identity);
    return batch.size() < kBatch ? Result<void>() : flush();
  };
  auto problems = WalkTree(root_.folder(), start, WalkOptions(), visitor, stop);
  GPEN_TRY(flush());
  if (!problems) {
    if (problems.error().code() == ErrorCode::kCancelled) return {};
    // The root went away under the walk: the next round looks at it.
    next_root_check_ = {};
    scan_due_ = true;
    return {};
  }
  const std::scoped_lock lock(mutex_);
  ++status_.scans;
  if (start.empty() && (status_.state == FolderState::kWatching || !problems->empty())) {
    status_.message = JoinLines(*problems);
  }
  return {};
}

Result<void> FolderWatcher::TakeChanges(std::stop_token stop) {
  while (inotify_ && !stop.stop_requested()) {
    const Changes changes = inotify_->Read();
    if (changes.overflowed) scan_due_ = true;
    if (changes.root_went) {
      root_ = WatchedRoot();  // Opened again, by its path, in the next round.
      return {};
    }
    std::vector<Change> files;
    for (const auto& change : changes.list) {
      if (change.kind == ChangeKind::kFolderCame || change.kind == ChangeKind::kFolderWent) {
        GPEN_TRY(TakeFolder(change, stop));
      } else if (filter_.IsPhoto(std::filesystem::path(change.path).filename().native())) {
        files.push_back(change);
      }
    }
    if (!files.empty()) GPEN_TRY(NoteChanged(files));
    if (changes.list.empty()) return {};
  }
  return {};
}

Result<void> FolderWatcher::TakeFolder(const Change& change, std::stop_token stop) {
  if (!inotify_) return {};  // Since the change before this one.
  if (change.kind == ChangeKind::kFolderWent) {
    inotify_->Remove(change.path);
    return {};
  }
  const auto name = std::filesystem::path(change.path).filename();
  if (!folder_.recursive || !filter_.EntersFolder(name.native())) return {};
  if (folder_.output_is_sibling() && name == folder_.output) return {};
  // What was put into it before we listen is found by the scan.
  inotify_->Remove(change.path);
  return Scan(change.path, stop);
}

Result<void> FolderWatcher::NoteChanged(const std::vector<Change>& files) {
  return ledger_->InTransaction([&]() -> Result<void> {
    std::set<std::string> met;
    // The newest first: of a file that was touched and then closed, the closing counts.
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
      if (!met.insert(file->path).second) continue;
      const auto identity = LookBeneath(root_.folder(), file->path);
      if (!identity || !*identity) continue;  // Gone again; a rename is told of separately.
      const Timestamp due = file->kind == ChangeKind::kWritten
                                ? clock_.Now() + folder_.after_closing
                                : DueOfUnheard(**identity);
      GPEN_TRY(
          ledger_->NoteSeen(folder_.name, file->path, **identity, due, root_.inodes_are_stable()));
    }
    return {};
  });
}

// --- Settling

Result<void> FolderWatcher::LookAtSettling() {
  if (!root_.is_open()) return {};
  while (true) {
    GPEN_ASSIGN_OR_RETURN(auto files, ledger_->Due(folder_.name, FileState::kSettling, kBatch));
    if (files.empty()) return {};
    const auto look_at_all = [&]() -> Result<void> {
      for (auto& file : files) GPEN_TRY(LookAtOne(std::move(file)));
      return {};
    };
    GPEN_TRY(ledger_->InTransaction(look_at_all));
    if (files.size() < kBatch) return {};
  }
}

// A photo without its end is waited for, but not for ever: what is damaged is to be told of.
bool FolderWatcher::IsWaitedFor(const WatchedFile& file, int descriptor) {
  if (!looks_cut_short_(descriptor, file.identity.size)) return false;
  const CutShort now{file.generation, clock_.Steady()};
  auto& first = cut_short_.try_emplace(file.id, now).first->second;
  if (first.generation != now.generation) first = now;  // It has grown since.
  return now.since - first.since < folder_.cut_short;
}

Result<void> FolderWatcher::LookAtOne(WatchedFile file) {
  const auto postpone = [&]() -> Result<void> {
    file.due = clock_.Now() + std::max(folder_.stable, kLeastStable);
    GPEN_TRY(ledger_->Update(file));
    return {};
  };
  const auto identity = LookBeneath(root_.folder(), file.path);
  if (!identity) return postpone();
  if (!*identity) {
    cut_short_.erase(file.id);
    // A name under which it was never done is forgotten; a share that comes back is scanned anew.
    if (file.sha256.empty() && file.output.path.empty()) return ledger_->Erase(file.id);
    file.state = FileState::kMissing;
    GPEN_TRY(ledger_->Update(file));
    return {};
  }
  if (**identity != file.identity) {
    cut_short_.erase(file.id);  // Its writer is at work.
    file.identity = **identity;
    return postpone();
  }
  const auto open = OpenFileBeneath(root_.folder(), file.path);
  if (open && (IsBeingWritten(open->get()) || IsWaitedFor(file, open->get()))) return postpone();
  cut_short_.erase(file.id);
  file.state = FileState::kWaiting;
  file.due = clock_.Now();
  GPEN_TRY(ledger_->Update(file));
  return {};
}

}  // namespace gpen::watch
