#include "base/parallel.h"

#include <gtest/gtest.h>

#include <vector>

namespace gpen {
namespace {

TEST(ParallelFor, DoesEveryPieceOnce) {
  for (const int threads : {0, 1, 3, 200}) {
    std::vector<std::atomic<int>> done(100);
    ParallelFor(100, threads, [&](int i) { ++done[static_cast<std::size_t>(i)]; });
    for (const auto& count : done) EXPECT_EQ(count, 1);
  }
  ParallelFor(0, 2, [](int) { FAIL(); });
}

}  // namespace
}  // namespace gpen
