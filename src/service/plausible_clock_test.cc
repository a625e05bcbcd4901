#include "service/plausible_clock.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/clock_testing.h"
#include "base/folder_testing.h"

namespace gpen::service {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class PlausibleClockTest : public ::testing::Test {
 protected:
  PlausibleClock Make() { return {clock_, file()}; }
  std::filesystem::path file() const { return folder_.path() / "clock"; }
  // As the housekeeping asks; what it said at last.
  bool After(PlausibleClock* plausible, Milliseconds duration) {
    bool said = plausible->IsPlausible();
    for (Milliseconds passed{0}; passed < duration; passed += minutes(10)) {
      clock_.Advance(minutes(10));
      said = plausible->IsPlausible();
    }
    return said;
  }
  // A clock that is believed.
  void Settle() {
    auto plausible = Make();
    ASSERT_TRUE(After(&plausible, hours(25)));
  }

  TestFolder folder_;
  FakeClock clock_;
};

TEST_F(PlausibleClockTest, WithoutAPastADayIsWaited) {
  auto plausible = Make();
  EXPECT_FALSE(plausible.IsPlausible());
  EXPECT_FALSE(After(&plausible, hours(23)));
  EXPECT_TRUE(After(&plausible, hours(2)));
}

TEST_F(PlausibleClockTest, ARestartIsNoReasonToWait) {
  Settle();
  clock_.Advance(hours(24 * 6));
  EXPECT_TRUE(Make().IsPlausible());
}

TEST_F(PlausibleClockTest, AMachineThatIsSwitchedOffEveryNightGetsThere) {
  for (int day = 0; day < 2; ++day) {
    auto plausible = Make();
    After(&plausible, hours(8));
    clock_.Advance(hours(16));
  }
  EXPECT_TRUE(Make().IsPlausible());
}

TEST_F(PlausibleClockTest, AJumpWhileTheServiceDidNotRunIsNoticed) {
  Settle();
  clock_.SetNow(clock_.Now() + hours(24 * 40));
  auto ahead = Make();
  EXPECT_FALSE(ahead.IsPlausible());
  EXPECT_FALSE(After(&ahead, hours(20)));
  clock_.SetNow(clock_.Now() - hours(24 * 40));
  EXPECT_FALSE(After(&ahead, hours(20))) << "set right, it is another jump";
  EXPECT_TRUE(After(&ahead, hours(5)));
}

TEST_F(PlausibleClockTest, AJumpWhileItRunsIsNoticed) {
  Settle();
  auto plausible = Make();
  EXPECT_TRUE(plausible.IsPlausible());
  clock_.SetNow(clock_.Now() + hours(24 * 40));
  EXPECT_FALSE(plausible.IsPlausible());
  EXPECT_FALSE(Make().IsPlausible()) << "a restart does not forget it";
}

TEST_F(PlausibleClockTest, AMachineThatSleepsEveryNightIsBelieved) {
  Settle();
  auto plausible = Make();
  clock_.SetNow(clock_.Now() + hours(8));  // The steady clock sleeps too.
  EXPECT_TRUE(plausible.IsPlausible());
}

TEST_F(PlausibleClockTest, SmallCorrectionsAreNone) {
  Settle();
  auto plausible = Make();
  clock_.SetNow(clock_.Now() + minutes(30));
  EXPECT_TRUE(plausible.IsPlausible());
}

TEST_F(PlausibleClockTest, ADamagedFileIsNone) {
  Settle();
  std::ofstream(file()) << "rubbish";
  EXPECT_FALSE(Make().IsPlausible());
}

}  // namespace
}  // namespace gpen::service
