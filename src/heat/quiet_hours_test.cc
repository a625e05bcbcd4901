#include "heat/quiet_hours.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "base/clock_testing.h"

namespace gpen::heat {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

int UtcMinuteOfDay(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  return static_cast<int>(std::chrono::duration_cast<minutes>(time - day).count());
}

class QuietHoursTest : public ::testing::Test {
 protected:
  static QuietHours Parse(std::string_view text) {
    return *QuietHours::Parse(text, UtcMinuteOfDay);
  }
  bool QuietAt(const QuietHours& quiet, int hour, int minute) const {
    return quiet.At(clock_.Now() + hours(hour) + minutes(minute)).quiet;
  }
  FakeClock clock_;  // Starts at midnight.
};

TEST_F(QuietHoursTest, NoneIsNeverQuiet) {
  EXPECT_FALSE(QuietAt(QuietHours(), 3, 0));
  EXPECT_FALSE(QuietAt(Parse("  "), 3, 0));
  EXPECT_TRUE(Parse("").empty());
}

TEST_F(QuietHoursTest, GoesOverMidnight) {
  const QuietHours quiet = Parse("22:00-07:00");
  EXPECT_FALSE(QuietAt(quiet, 21, 59));
  EXPECT_TRUE(QuietAt(quiet, 22, 0));
  EXPECT_TRUE(QuietAt(quiet, 0, 0));
  EXPECT_TRUE(QuietAt(quiet, 6, 59));
  EXPECT_FALSE(QuietAt(quiet, 7, 0));
  EXPECT_EQ(quiet.At(clock_.Now()).message, "quiet until 07:00");
}

TEST_F(QuietHoursTest, SeveralRangesMayTouch) {
  const QuietHours quiet = Parse("12:30-14:00,22:00-24:00, 0:00-07:00");
  EXPECT_TRUE(QuietAt(quiet, 13, 59));
  EXPECT_FALSE(QuietAt(quiet, 14, 0));
  EXPECT_TRUE(QuietAt(quiet, 23, 59));
  EXPECT_EQ(quiet.At(clock_.Now() + hours(23)).message, "quiet until 07:00");
  EXPECT_EQ(quiet.text(), "12:30-14:00, 22:00-24:00, 00:00-07:00");
  EXPECT_EQ(Parse(quiet.text()).text(), quiet.text());
}

TEST_F(QuietHoursTest, TheWholeDayEndsTheSearch) {
  const QuietHours quiet = Parse("00:00-12:00,12:00-24:00");
  EXPECT_TRUE(QuietAt(quiet, 5, 0));
  EXPECT_TRUE(QuietAt(quiet, 18, 0));
}

TEST_F(QuietHoursTest, RefusesWhatIsNoRange) {
  for (const auto* text : {"22", "22:00", "22:00-", "22:00-25:00", "22:60-07:00", "07:00-07:00",
                           "24:00-07:00", "a:00-07:00", "22:00-07:00,", "22:00-07:00;1:00-2:00",
                           "-1:00-07:00", "22:000-07:00", "22:0-07:00"}) {
    const auto quiet = QuietHours::Parse(text);
    ASSERT_FALSE(quiet) << text;
    EXPECT_EQ(quiet.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST_F(QuietHoursTest, FollowsTheClockOnTheWallThroughSummerTime) {
  const char* before = std::getenv("TZ");
  const std::string saved = before == nullptr ? "" : before;
  // Spelled out, because a small machine may have no time zone files.
  ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  ::tzset();
  const QuietHours quiet = *QuietHours::Parse("22:00-07:00");
  const auto at = [&](unsigned month, unsigned day, int hour_utc) {
    const auto date = std::chrono::year{2026} / static_cast<int>(month) / static_cast<int>(day);
    return quiet.At(Timestamp(std::chrono::sys_days(date)) + hours(hour_utc)).quiet;
  };
  // 29 March 2026, 01:00 UTC: 02:00 becomes 03:00.
  EXPECT_TRUE(at(3, 28, 5));   // 06:00 in winter.
  EXPECT_FALSE(at(3, 28, 6));  // 07:00.
  EXPECT_TRUE(at(3, 29, 4));   // 06:00 in summer.
  EXPECT_FALSE(at(3, 29, 5));  // 07:00.
  // 25 October 2026, 01:00 UTC: 03:00 becomes 02:00.
  EXPECT_TRUE(at(10, 24, 20));   // 22:00 in summer.
  EXPECT_FALSE(at(10, 25, 20));  // 21:00 in winter.
  EXPECT_TRUE(at(10, 25, 21));
  if (before == nullptr) {
    ::unsetenv("TZ");
  } else {
    ::setenv("TZ", saved.c_str(), 1);
  }
  ::tzset();
}

}  // namespace
}  // namespace gpen::heat
