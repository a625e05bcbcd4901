#include "base/rename.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "base/file.h"
#include "base/folder_testing.h"

namespace gpen {
namespace {

namespace fs = std::filesystem;

// From now on the calls `numbers` of this thread fail with `error_number`, as on a kernel or a file
// system that does not know them.
bool Refuse(const std::vector<std::uint32_t>& numbers, std::uint32_t error_number) {
  std::vector<sock_filter> filter = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const std::uint32_t number : numbers) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error_number));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

struct Lack {
  const char* name;
  std::vector<std::uint32_t> calls;
  std::uint32_t error_number;
};

class RenameTest : public ::testing::TestWithParam<Lack> {
 protected:
  // The filter ends with the thread.
  int Rename(const std::string& from, const std::string& to) {
    int outcome = -1;
    std::thread([&] {
      const auto& lack = GetParam();
      if (!lack.calls.empty() && !Refuse(lack.calls, lack.error_number)) {
        ADD_FAILURE() << "the system takes no filter of calls: " << errno;
      }
      outcome = RenameWithoutReplacing(from_.get(), from, to_.get(), to);
    }).join();
    return outcome;
  }
  void Write(const fs::path& path, const std::string& text) {
    EXPECT_TRUE(WriteFileAtomically(path, AsBytes(text)));
  }
  static std::string Read(const fs::path& path) {
    const auto bytes = ReadFile(path, 1000);
    return bytes ? std::string(AsText(*bytes)) : bytes.error().message();
  }
  static Descriptor Folder(const fs::path& path) {
    fs::create_directory(path);
    return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  TestFolder folder_;
  const fs::path from_path_ = folder_.path() / "from";
  const fs::path to_path_ = folder_.path() / "to";
  const Descriptor from_ = Folder(from_path_);
  const Descriptor to_ = Folder(to_path_);
};

TEST_P(RenameTest, MovesTheFile) {
  Write(from_path_ / "a", "ours");
  struct stat before = {};
  ::stat((from_path_ / "a").c_str(), &before);
  EXPECT_EQ(Rename("a", "b"), 0);
  EXPECT_EQ(Read(to_path_ / "b"), "ours");
  EXPECT_FALSE(fs::exists(from_path_ / "a"));
  struct stat after = {};
  ::stat((to_path_ / "b").c_str(), &after);
  EXPECT_EQ(after.st_ino, before.st_ino) << "the same file, not a copy";
}

TEST_P(RenameTest, AForeignFileStaysWhole) {
  Write(from_path_ / "a", "ours");
  Write(to_path_ / "b", "foreign");
  EXPECT_EQ(Rename("a", "b"), EEXIST);
  EXPECT_EQ(Read(to_path_ / "b"), "foreign");
  EXPECT_EQ(Read(from_path_ / "a"), "ours");
}

TEST_P(RenameTest, ALinkWithoutTargetIsSomethingToo) {
  Write(from_path_ / "a", "ours");
  fs::create_symlink("nowhere", to_path_ / "b");
  EXPECT_EQ(Rename("a", "b"), EEXIST);
  EXPECT_TRUE(fs::is_symlink(to_path_ / "b"));
}

TEST_P(RenameTest, WhatIsNotThereLeavesNothingBehind) {
  EXPECT_EQ(Rename("a", "b"), ENOENT);
  EXPECT_TRUE(fs::is_empty(to_path_));
}

constexpr std::uint32_t kRenameat2 = SYS_renameat2;
constexpr std::uint32_t kLinkat = SYS_linkat;

INSTANTIATE_TEST_SUITE_P(Ways, RenameTest,
                         ::testing::Values(Lack{"InOneStep", {}, 0},
                                           Lack{"AnOldKernel", {kRenameat2}, ENOSYS},
                                           Lack{"AFilterOfCalls", {kRenameat2}, EPERM},
                                           Lack{"NoHardLinksEither", {kRenameat2, kLinkat}, EPERM}),
                         [](const auto& lack) { return std::string(lack.param.name); });

// Many at once take one name: one gets it, and no content is lost.
TEST(RenameWithoutReplacing, OneOfManyWins) {
  const TestFolder folder;
  const Descriptor opened(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  constexpr int kMany = 8;
  for (int i = 0; i < kMany; ++i) {
    ASSERT_TRUE(WriteFileAtomically(folder.path() / std::to_string(i), AsBytes("x")));
  }
  std::atomic<int> won = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kMany; ++i) {
      threads.emplace_back([&, i] {
        if (RenameWithoutReplacing(opened.get(), std::to_string(i), opened.get(), "one") == 0) {
          ++won;
        }
      });
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), kMany);
}

}  // namespace
}  // namespace gpen
