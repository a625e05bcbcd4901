#include "watch/folder_watcher.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watch/watch_fixture_testing.h"

namespace gpen::watch {
namespace {

namespace fs = std::filesystem;

class FolderWatcherTest : public WatchFixture {
 protected:
  void Watch() { watcher_.emplace(folder_, ledger_.get(), clock_, HasNoEnd); }
  // A photo of these tests ends as a JPEG does.
  static bool HasNoEnd(int descriptor, std::int64_t size) {
    char end[2] = {};
    return ::pread(descriptor, end, sizeof(end), static_cast<off_t>(size) - 2) != 2 ||
           std::string_view(end, sizeof(end)) != "\xFF\xD9";
  }
  // Rounds until the photo has the state; never longer than is generous.
  bool Reaches(const std::string& path, FileState state) {
    return Happens([&] { return StateOf(path) == state; });
  }
  bool Happens(const std::function<bool()>& condition) {
    for (int i = 0; i < 400; ++i) {
      const auto round = watcher_->Round(Milliseconds(25));
      EXPECT_TRUE(round) << round.error().message();
      if (condition()) return true;
    }
    return false;
  }
  FolderState State() const { return watcher_->Status().state; }

  std::optional<FolderWatcher> watcher_;
};

TEST_F(FolderWatcherTest, FindsWhatIsThereAndWhatComes) {
  Write("old.jpg", "old");
  Write("2024/deep/below.png", "below");
  Watch();
  EXPECT_TRUE(Reaches("old.jpg", FileState::kWaiting));
  EXPECT_TRUE(Reaches("2024/deep/below.png", FileState::kWaiting));
  EXPECT_EQ(State(), FolderState::kWatching);
  Write("new.jpg", "new");
  EXPECT_TRUE(Reaches("new.jpg", FileState::kWaiting));
  Write("new folder/and/more.jpg", "more");
  EXPECT_TRUE(Reaches("new folder/and/more.jpg", FileState::kWaiting));
  fs::create_directory(temporary_.path() / "elsewhere");
  std::ofstream(temporary_.path() / "elsewhere" / "in.jpg") << "in";
  fs::rename(temporary_.path() / "elsewhere", root_ / "moved in");
  EXPECT_TRUE(Reaches("moved in/in.jpg", FileState::kWaiting));
  fs::rename(root_ / "moved in", root_ / "renamed");
  EXPECT_TRUE(Reaches("renamed/in.jpg", FileState::kWaiting));
  Write("renamed/later.jpg", "later");
  EXPECT_TRUE(Reaches("renamed/later.jpg", FileState::kWaiting));
}

TEST_F(FolderWatcherTest, WaitsForAPhotoWithoutItsEnd) {
  const std::string photo = "\xFF\xD8\xFF\xDA" + std::string(1000, '\1') + "\xFF\xD9";
  folder_.cut_short = Milliseconds(60'000);
  Write("half.jpg", photo.substr(0, 500));
  Watch();
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(watcher_->Round(Milliseconds(25)));
  EXPECT_EQ(StateOf("half.jpg"), FileState::kSettling);
  Write("half.jpg", photo);
  EXPECT_TRUE(Reaches("half.jpg", FileState::kWaiting));
}

TEST_F(FolderWatcherTest, TakesADamagedPhotoInTheEnd) {
  folder_.cut_short = Milliseconds(600);
  Write("damaged.jpg", "\xFF\xD8\xFF\xE0 and no end");
  Watch();
  EXPECT_TRUE(Reaches("damaged.jpg", FileState::kWaiting));
}

TEST_F(FolderWatcherTest, WaitsAnewForAPhotoThatGrows) {
  folder_.cut_short = Milliseconds(1'500);
  std::string photo = "\xFF\xD8\xFF\xE0 and no end";
  Write("slow.jpg", photo);
  Watch();
  for (int i = 0; i < 6; ++i) {  // Longer than it waits, never without a change for so long.
    const auto start = std::chrono::steady_clock::now();
    Write("slow.jpg", photo += "more");
    for (int round = 0; round < 20; ++round) ASSERT_TRUE(watcher_->Round(Milliseconds(25)));
    if (std::chrono::steady_clock::now() - start < folder_.cut_short) {  // Or a busy machine.
      EXPECT_EQ(StateOf("slow.jpg"), FileState::kSettling) << i;
    }
  }
  EXPECT_TRUE(Reaches("slow.jpg", FileState::kWaiting));
}

TEST_F(FolderWatcherTest, LeavesOutOutputsSystemFoldersAndLinks) {
  Write("enhanced/result.jpg", "a result");
  Write("@eaDir/a.jpg/thumb.jpg", "thumb");
  Write("#recycle/gone.jpg", "gone");
  Write(".hidden/a.jpg", "hidden");
  Write("skip/a.jpg", "skipped by exclusion");
  folder_.excluded = {root_ / "skip"};
  std::ofstream(temporary_.path() / "outside.jpg") << "outside";
  fs::create_symlink(temporary_.path() / "outside.jpg", root_ / "link.jpg");
  fs::create_symlink(temporary_.path(), root_ / "linked");
  fs::create_symlink(root_, root_ / "loop");
  ::mkfifo((root_ / "pipe.jpg").c_str(), 0600);
  Write("real.jpg", "real");
  Watch();
  EXPECT_TRUE(Reaches("real.jpg", FileState::kWaiting));
  EXPECT_EQ(ledger_->Count("f")->waiting, 1);
}

TEST_F(FolderWatcherTest, DoesNotTakeAPhotoThatIsStillWritten) {
  Watch();
  ASSERT_TRUE(watcher_->Round(Milliseconds(0)));
  const int writer = ::open((root_ / "slow.jpg").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(::write(writer, "half", 4), 4);
  const int probe = ::open((root_ / "slow.jpg").c_str(), O_RDONLY);
  const bool can_tell = IsBeingWritten(probe);
  ::close(probe);
  if (!can_tell) {
    ::close(writer);
    GTEST_SKIP() << "this file system gives no leases";
  }
  EXPECT_TRUE(Reaches("slow.jpg", FileState::kSettling));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(watcher_->Round(Milliseconds(100)));
    EXPECT_EQ(StateOf("slow.jpg"), FileState::kSettling) << "open for writing";
  }
  ASSERT_EQ(::write(writer, "rest", 4), 4);
  ::close(writer);
  EXPECT_TRUE(Reaches("slow.jpg", FileState::kWaiting));
  EXPECT_EQ(Row("slow.jpg")->identity.size, 8);
}

TEST_F(FolderWatcherTest, PollingFindsTheSame) {
  folder_.always_poll = true;
  folder_.poll = Milliseconds(10);
  folder_.stable = Milliseconds(20);
  Watch();
  ASSERT_TRUE(watcher_->Round(Milliseconds(0)));
  EXPECT_EQ(State(), FolderState::kPolling);
  Write("2024/a.jpg", "polled");
  EXPECT_TRUE(Reaches("2024/a.jpg", FileState::kWaiting));
}

TEST_F(FolderWatcherTest, AVanishedFolderIsNotReadAsDeleted) {
  Write("a.jpg", "a");
  Watch();
  EXPECT_TRUE(Reaches("a.jpg", FileState::kWaiting));
  auto row = *Row("a.jpg");
  row.state = FileState::kDone;
  ASSERT_TRUE(*ledger_->Update(row));
  fs::rename(root_, temporary_.path() / "away");
  EXPECT_TRUE(Happens([&] { return State() == FolderState::kUnreachable; }));
  EXPECT_NE(watcher_->Status().message.find("is not there"), std::string::npos);
  EXPECT_EQ(StateOf("a.jpg"), FileState::kDone);
  fs::rename(temporary_.path() / "away", root_);
  EXPECT_TRUE(Happens([&] { return State() == FolderState::kWatching; }));
  Write("b.jpg", "b");
  EXPECT_TRUE(Reaches("b.jpg", FileState::kWaiting));
  EXPECT_EQ(StateOf("a.jpg"), FileState::kDone);
}

TEST_F(FolderWatcherTest, AnEmptyMountPointIsNotTheMount) {
  if (::mount("none", root_.c_str(), "tmpfs", 0, nullptr) != 0) {
    GTEST_SKIP() << "mounting needs root";
  }
  Write("a.jpg", "a");
  Watch();
  EXPECT_TRUE(Reaches("a.jpg", FileState::kWaiting));
  ASSERT_EQ(::umount2(root_.c_str(), MNT_DETACH), 0);
  EXPECT_TRUE(Happens([&] { return State() == FolderState::kUnreachable; }));
  EXPECT_NE(watcher_->Status().message.find("mount it again"), std::string::npos);
  EXPECT_EQ(StateOf("a.jpg"), FileState::kWaiting);
  // A new start of the service sees the same.
  Watch();
  EXPECT_TRUE(Happens([&] { return State() == FolderState::kUnreachable; }));
  ASSERT_EQ(::mount("none", root_.c_str(), "tmpfs", 0, nullptr), 0);
  Write("b.jpg", "b");
  EXPECT_TRUE(Reaches("b.jpg", FileState::kWaiting));
  watcher_.reset();
  ::umount2(root_.c_str(), MNT_DETACH);
}

TEST_F(FolderWatcherTest, AnOverflowOfNoticesMeansAScan) {
  Watch();
  ASSERT_TRUE(watcher_->Round(Milliseconds(0)));
  const auto scans = watcher_->Status().scans;
  // More than the usual 16,384 notices that the system keeps; then one photo whose notice is lost.
  Write("x.txt", "");
  Write("y.txt", "");
  for (int i = 0; i < 20'000; ++i) {
    ::close(::open((root_ / (i % 2 == 0 ? "x.txt" : "y.txt")).c_str(), O_WRONLY));
  }
  Write("lost.jpg", "lost");
  EXPECT_TRUE(Reaches("lost.jpg", FileState::kWaiting));
  EXPECT_GT(watcher_->Status().scans, scans);
}

TEST_F(FolderWatcherTest, PollsWhereTheSystemsWatchesAreUsedUp) {
  for (const auto* name : {"1", "2", "3", "4", "5"}) fs::create_directory(root_ / name);
  ledger_.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    // The limit belongs to the user namespace: this does not touch the machine's.
    if (::unshare(CLONE_NEWUSER) != 0) ::_exit(77);
    std::ofstream limit("/proc/sys/user/max_inotify_watches");
    if (!(limit << 3 << std::flush)) ::_exit(77);
    ledger_ = *Ledger::Open(temporary_.path() / "watch.db", clock_);
    folder_.poll = Milliseconds(10);
    Watch();
    if (!watcher_->Round(Milliseconds(0))) ::_exit(1);
    if (State() != FolderState::kPolling) ::_exit(2);
    if (watcher_->Status().message.find("max_user_watches") == std::string::npos) ::_exit(3);
    Write("5/a.jpg", "a");
    ::_exit(Reaches("5/a.jpg", FileState::kWaiting) ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no user namespaces here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(FolderWatcherTest, AReplacedPhotoSettlesAgain) {
  Write("a.jpg", "first");
  Watch();
  EXPECT_TRUE(Reaches("a.jpg", FileState::kWaiting));
  auto row = *Row("a.jpg");
  row.state = FileState::kDone;
  ASSERT_TRUE(*ledger_->Update(row));
  std::ofstream(temporary_.path() / "b") << "second";
  fs::rename(temporary_.path() / "b", root_ / "a.jpg");
  EXPECT_TRUE(Reaches("a.jpg", FileState::kWaiting));
  EXPECT_GT(Row("a.jpg")->generation, row.generation);
}

}  // namespace
}  // namespace gpen::watch
