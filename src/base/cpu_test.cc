#include "base/cpu.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

namespace gpen {
namespace {

TEST(Cpu, FollowsTheAffinityMask) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof(before), &before), 0);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(AvailableCpus(), 1);
  ASSERT_EQ(::sched_setaffinity(0, sizeof(before), &before), 0);
  EXPECT_LE(AvailableCpus(), CPU_COUNT(&before));
}

TEST(Cpu, PeakMemoryGrowsWithUse) {
  const auto before = PeakResidentBytes();
  std::vector<char> block(64 << 20, 1);
  EXPECT_GE(PeakResidentBytes() - before, block[0] * (32 << 20));
  EXPECT_GT(AvailableMemoryBytes(), 0);
}

// The kernel passes on the peak of the program that starts another, by posix_spawn at least.
TEST(Cpu, PeakMemoryIsNotThatOfTheParent) {
  EXPECT_EQ(std::vector<char>(256 << 20, 1).back(), 1);
  std::string program = "/proc/self/exe";
  std::string filter = "--gtest_filter=Cpu.PeakMemoryGrowsWithUse";
  std::array<char*, 3> arguments = {program.data(), filter.data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(Cpu, FollowsTheLimitOfAddressSpace) {
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
  rlim_t used_pages = 0;
  ASSERT_TRUE(std::ifstream("/proc/self/statm") >> used_pages);
  constexpr rlim_t kLeft = 64 << 20;
  rlimit limit = before;
  limit.rlim_cur = used_pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + kLeft;
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &limit), 0);
  const auto available = AvailableMemoryBytes();
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_LE(available, static_cast<std::int64_t>(kLeft));
  EXPECT_GT(available, 0);
}

}  // namespace
}  // namespace gpen
