#include "base/parallel.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>

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

// Holds the caller back until a helper has taken a piece, so that it is the helper that throws.
TEST(ParallelFor, PassesTheExceptionOfAHelperOn) {
  const auto caller = std::this_thread::get_id();
  std::atomic<bool> thrown = false;
  const auto work = [&](int) {
    if (std::this_thread::get_id() != caller) {
      thrown = true;
      throw std::bad_alloc();
    }
    while (!thrown) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  EXPECT_THROW(ParallelFor(2, 2, work), std::bad_alloc);
}

TEST(ParallelFor, AfterAnExceptionNoPieceIsBegunAndNoneIsStillAtWork) {
  constexpr int kCount = 100'000;
  for (const int threads : {1, 4}) {
    std::atomic<int> begun = 0;
    std::atomic<int> at_work = 0;
    std::string message;
    try {
      ParallelFor(kCount, threads, [&](int i) {
        ++begun;
        ++at_work;
        if (i == 3) {
          --at_work;
          throw std::runtime_error("piece 3");
        }
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        --at_work;
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
      EXPECT_EQ(at_work, 0);
    }
    EXPECT_EQ(message, "piece 3");
    EXPECT_LT(begun, kCount / 2);
  }
}

TEST(ParallelFor, OfManyExceptionsOneIsPassedOn) {
  EXPECT_THROW(ParallelFor(50, 4, [](int) { throw std::runtime_error("each"); }),
               std::runtime_error);
}

TEST(ParallelFor, GoesOnWithFewerThreadsWhereNoneCanBeMade) {
  // No address space holds such a stack, so that no thread starts.
  pthread_attr_t usual;
  pthread_attr_t huge;
  ASSERT_EQ(::pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(::pthread_attr_init(&huge), 0);
  ASSERT_EQ(::pthread_attr_setstacksize(&huge, std::size_t{1} << 50U), 0);
  ASSERT_EQ(::pthread_setattr_default_np(&huge), 0);
  EXPECT_THROW(std::thread([] {}).join(), std::system_error) << "or the test shows nothing";
  std::vector<int> done(100);
  std::set<std::thread::id> workers;
  ParallelFor(100, 4, [&](int i) {
    ++done[static_cast<std::size_t>(i)];
    workers.insert(std::this_thread::get_id());
  });
  ASSERT_EQ(::pthread_setattr_default_np(&usual), 0);
  ::pthread_attr_destroy(&huge);
  ::pthread_attr_destroy(&usual);
  EXPECT_EQ(done, std::vector<int>(100, 1));
  EXPECT_EQ(workers, std::set{std::this_thread::get_id()});
}

}  // namespace
}  // namespace gpen
