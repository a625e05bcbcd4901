#include "base/cpu.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
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
