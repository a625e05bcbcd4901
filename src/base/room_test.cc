#include "base/room.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include "base/folder.h"
#include "base/folder_testing.h"

namespace gpen {
namespace {

namespace fs = std::filesystem;

TEST(WhyNoRoom, SaysNothingWhereThereIsRoomAndLeavesNothing) {
  const TestFolder folder;
  EXPECT_EQ(WhyNoNewFile(folder.path(), {1 << 20}), "");
  EXPECT_TRUE(EntriesOf(folder.path()).empty());
  EXPECT_EQ(WhyNoNewFile(folder.path() / "nothing", {1}), "No such file or directory");
  EXPECT_NE(WhyNoRoom(folder.path(), {1, std::int64_t{1} << 60}).find("nearly full"),
            std::string::npos);
}

// A disk of its own, which only root may mount.
class SmallDisk : public ::testing::Test {
 protected:
  void Mount(const char* options, unsigned long flags = 0) {
    if (::mount("tmpfs", folder_.path().c_str(), "tmpfs", flags, options) != 0) {
      GTEST_SKIP() << "mounting needs root";
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }

  TestFolder folder_;
  bool mounted_ = false;
};

TEST_F(SmallDisk, WithoutInodesTakesNoFile) {
  Mount("size=16m,nr_inodes=48");
  if (!mounted_) return;
  EXPECT_EQ(WhyNoNewFile(folder_.path(), {1 << 20}), "");
  for (int i = 0; i < 40; ++i) std::ofstream(folder_.path() / std::to_string(i));
  EXPECT_NE(WhyNoRoom(folder_.path(), {1}).find("inodes"), std::string::npos);
}

TEST_F(SmallDisk, ReadOnlyTakesNoFile) {
  Mount("size=1m", MS_RDONLY);
  if (!mounted_) return;
  EXPECT_EQ(WhyNoRoom(folder_.path(), {}), "Read-only file system");
}

TEST_F(SmallDisk, TooSmallForTheFile) {
  Mount("size=1m");
  if (!mounted_) return;
  EXPECT_NE(WhyNoRoom(folder_.path(), {2 << 20}), "");
}

}  // namespace
}  // namespace gpen
