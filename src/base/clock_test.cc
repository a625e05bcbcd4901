#include "base/clock.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/clock_testing.h"

namespace gpen {
namespace {

TEST(ClockTest, TheFakeOneMovesOnlyWhenTold) {
  FakeClock clock;
  const Timestamp start = clock.Now();
  const Milliseconds steady = clock.Steady();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(std::chrono::seconds(5));
  EXPECT_EQ(clock.Now(), start + std::chrono::seconds(5));
  EXPECT_EQ(clock.Steady(), steady + std::chrono::seconds(5));
  clock.SetNow(start);
  EXPECT_EQ(clock.Now(), start);
  EXPECT_EQ(clock.Steady(), steady + std::chrono::seconds(5)) << "only the calendar was set";
}

TEST(ClockTest, WaitEndsWithANotification) {
  const SystemClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::thread other([&] {
    const std::scoped_lock lock(mutex);
    done = true;
    changed.notify_all();
  });
  {
    std::unique_lock lock(mutex);
    // "For ever" must not overflow into the past and spin.
    while (!done) clock.Wait(changed, lock, Milliseconds::max());
  }
  other.join();
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace gpen
