#include "remote/named_roots.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/file.h"
#include "base/folder_testing.h"

namespace gpen::remote {
namespace {

namespace fs = std::filesystem;

TEST(Roots, AreReadAndRefusedWithTheReason) {
  const auto roots = ParseRoots("album=/srv/photos,scans=/mnt/scans");
  ASSERT_TRUE(roots) << roots.error().message();
  EXPECT_EQ((*roots)[1].name, "scans");
  EXPECT_EQ((*roots)[0].path, "/srv/photos");
  EXPECT_TRUE(ParseRoots("")->empty());
  for (const char* bad : {"album", "=/x", "a b=/x", "a=x", "a=/x,a=/y", "a:b=/x"}) {
    const auto refused = ParseRoots(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(RootedPath, LeadsNowhereElse) {
  const auto path = ParseRootedPath("album:2001/a b.jpg");
  ASSERT_TRUE(path) << path.error().message();
  EXPECT_EQ(path->root, "album");
  EXPECT_EQ(FormatRootedPath(*path), "album:2001/a b.jpg");
  for (const std::string& bad : std::vector<std::string>{
           "a.jpg", "/etc/passwd", "album:/etc/passwd", "album:..", "album:../a", "album:a/../b",
           "album:./a", "album:", "album:a/", ":a", "http://host/a"}) {
    EXPECT_FALSE(ParseRootedPath(bad)) << bad;
  }
  EXPECT_FALSE(ParseRootedPath(std::string("album:a\0b", 9)));
}

class NamedRootsTest : public ::testing::Test {
 protected:
  void Put(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name, std::ios::binary) << text;
  }
  std::string Get(const std::string& name) const {
    std::ifstream file(folder_.path() / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  Result<void> Write(const std::string& name, const std::string& text,
                     const std::string& task = "1") const {
    return roots_.Write({"album", name}, AsBytes(text), {task, true}, nullptr);
  }

  TestFolder folder_;
  NamedRoots roots_{{{"album", folder_.path()}, {"gone", folder_.path() / "not mounted"}}};
};

TEST_F(NamedRootsTest, ReadsBeneathTheRootAlone) {
  Put("2001/a.jpg", "photo");
  const auto bytes = roots_.Read({"album", "2001/a.jpg"}, 100);
  ASSERT_TRUE(bytes) << bytes.error().message();
  EXPECT_EQ(AsText(*bytes), "photo");
  EXPECT_EQ(roots_.Read({"album", "2001/a.jpg"}, 3).error().code(), ErrorCode::kImageTooLarge);
  fs::create_directory_symlink("/etc", folder_.path() / "link");
  fs::create_symlink("/etc/passwd", folder_.path() / "file");
  for (const char* name : {"link/passwd", "file", "2001", "none"}) {
    const auto refused = roots_.Read({"album", name}, 1 << 20);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code(), ErrorCode::kNotFound);
  }
  EXPECT_EQ(roots_.Read({"other", "a"}, 100).error().code(), ErrorCode::kNotFound);
  // A share that is not there now may come: that is tried again.
  EXPECT_EQ(roots_.Read({"gone", "a"}, 100).error().code(), ErrorCode::kUnavailable);
}

TEST_F(NamedRootsTest, OverwritesNothingButTheTasksOwn) {
  ASSERT_TRUE(Write("new/a.jpg", "first"));
  EXPECT_EQ(Get("new/a.jpg"), "first");
  ASSERT_TRUE(Write("new/a.jpg", "first", "2"));  // The same is there already.
  Put("theirs.jpg", "theirs");
  const auto refused = Write("theirs.jpg", "ours");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(Get("theirs.jpg"), "theirs");
  const auto other = Write("new/a.jpg", "another", "2");
  EXPECT_FALSE(other);
  // The same task, after a crash, may: where the file system keeps the mark.
  const bool replaced = Write("new/a.jpg", "second").has_value();
  EXPECT_EQ(Get("new/a.jpg"), replaced ? "second" : "first");
  fs::create_directory_symlink("/tmp", folder_.path() / "link");
  EXPECT_FALSE(Write("link/x.jpg", "x"));
  EXPECT_FALSE(Write("no/such/x.jpg", "x"));  // One folder is made, not a tree.
}

TEST_F(NamedRootsTest, NewFoldersAndFilesHaveTheRightsOfTheirFolder) {
  const auto rights = [&](const char* name) {
    return fs::status(folder_.path() / name).permissions();
  };
  fs::permissions(folder_.path(), fs::perms(0775));
  ASSERT_TRUE(Write("new/a.jpg", "x"));
  EXPECT_EQ(rights("new"), fs::perms(0775));
  EXPECT_EQ(rights("new/a.jpg"), fs::perms(0664));
  // A result has those of its photo.
  Put("b.jpg", "photo");
  fs::permissions(folder_.path() / "b.jpg", fs::perms(0640));
  const RootedPath photo{"album", "b.jpg"};
  ASSERT_TRUE(roots_.Write({"album", "new/b.jpg"}, AsBytes("y"), {"1", false}, &photo));
  EXPECT_EQ(rights("new/b.jpg"), fs::perms(0640));
}

TEST_F(NamedRootsTest, TakesAwayWhatItsTaskLeftHalfWritten) {
  // A worker that is killed at its first byte, and one of another task.
  const auto leave = [&](const char* task) {
    const pid_t worker = ::fork();
    if (worker == 0) {
      const rlimit none = {0, 0};
      ::setrlimit(RLIMIT_FSIZE, &none);  // A write ends it by SIGXFSZ.
      (void)roots_.Write({"album", "a.jpg"}, AsBytes("whole"), {task, false}, nullptr);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(worker, &status, 0);
    return WIFSIGNALED(status);
  };
  ASSERT_TRUE(leave("1/é \"long\" id"));
  ASSERT_TRUE(leave("2"));
  const auto count = [&] {
    return std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator());
  };
  ASSERT_EQ(count(), 2);
  ASSERT_TRUE(
      roots_.Write({"album", "a.jpg"}, AsBytes("whole"), {"1/é \"long\" id", true}, nullptr));
  EXPECT_EQ(count(), 2);  // The result, and what the other task may still be writing.
  ASSERT_TRUE(roots_.Write({"album", "a.jpg"}, AsBytes("whole"), {"2", true}, nullptr));
  EXPECT_EQ(count(), 1);
}

}  // namespace
}  // namespace gpen::remote
