#include "sandbox/confinement.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/folder_testing.h"

namespace gpen::sandbox {
namespace {

// What a process that is shut in can still do; bits of its exit code.
constexpr int kReadsOthers = 1;
constexpr int kWrites = 2;
constexpr int kHasNetwork = 4;
constexpr int kStartsPrograms = 8;
constexpr int kSignalsOthers = 16;
constexpr int kCannotReadItsOwn = 32;
constexpr int kKernelCannot = 64;

int Try(const std::filesystem::path& folder, pid_t other) {
  if (!ShutIn({folder / "models"}).empty()) return kKernelCannot;
  int can = 0;
  if (std::ifstream(folder / "photo")) can |= kReadsOthers;
  if (std::ofstream(folder / "models" / "new")) can |= kWrites;
  if (!std::ifstream(folder / "models" / "net")) can |= kCannotReadItsOwn;
  if (::socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM) can |= kHasNetwork;
  if (::kill(other, 0) == 0) can |= kSignalsOthers;
  char* const nothing[] = {nullptr};
  if (::execve("/bin/true", nothing, nothing) != 0 && errno != EPERM) can |= kStartsPrograms;
  return can;
}

TEST(Confinement, LeavesAPhotoNothingToTakeOrToHarm) {
  const TestFolder folder;
  std::filesystem::create_directory(folder.path() / "models");
  std::ofstream(folder.path() / "models" / "net") << "weights";
  std::ofstream(folder.path() / "photo") << "of a family";
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(Try(folder.path(), self));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kKernelCannot) {
    GTEST_SKIP() << "this kernel has no Landlock, or no seccomp";
  }
  EXPECT_EQ(WEXITSTATUS(status), 0) << "bits of what it still could do";
}

}  // namespace
}  // namespace gpen::sandbox
