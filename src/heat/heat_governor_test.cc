#include "heat/heat_governor.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/clock_testing.h"
#include "base/folder_testing.h"

namespace gpen::heat {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

class HeatGovernorTest : public ::testing::Test {
 protected:
  HeatGovernorTest() { options_.sys = folder_.path(); }

  void Write(const std::string& path, const std::string& text) {
    const fs::path file = folder_.path() / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }
  void SetHwmon(double celsius) {
    Write("class/hwmon/hwmon0/temp1_input", std::to_string(static_cast<int>(celsius * 1000)));
  }
  // A CPU with a high mark of 80 and a critical one of 100.
  void AddHwmon(double celsius) {
    Write("class/hwmon/hwmon0/name", "coretemp");
    Write("class/hwmon/hwmon0/temp1_label", "Package id 0");
    Write("class/hwmon/hwmon0/temp1_max", "80000");
    Write("class/hwmon/hwmon0/temp1_crit", "100000");
    SetHwmon(celsius);
  }
  HeatStatus Next() {
    clock_.Advance(options_.min_interval);
    return governor_.Read();
  }
  HeatAction ActionAt(double celsius) {
    SetHwmon(celsius);
    return Next().action;
  }

  TestFolder folder_;
  FakeClock clock_;
  HeatOptions options_ = {.sys = folder_.path()};
  HeatGovernor governor_{options_, clock_};
};

TEST_F(HeatGovernorTest, SaysThatThereIsNoSensor) {
  const HeatStatus status = Next();
  EXPECT_FALSE(status.has_sensor);
  EXPECT_EQ(status.action, HeatAction::kRun);
  EXPECT_NE(status.message.find("no temperature sensor"), std::string::npos);
}

TEST_F(HeatGovernorTest, TakesTheSensorsOwnHighMark) {
  AddHwmon(50);
  const HeatStatus status = Next();
  ASSERT_TRUE(status.has_sensor);
  EXPECT_EQ(status.hottest.name, "coretemp Package id 0");
  EXPECT_EQ(status.hottest.celsius, 50);
  EXPECT_EQ(status.hottest.limit_celsius, 80) << "the lower of max and crit";
  EXPECT_FALSE(status.hottest.limit_is_default);
}

TEST_F(HeatGovernorTest, TakesTheTripPointsOfAThermalZone) {
  const std::string zone = "class/thermal/thermal_zone0/";
  Write(zone + "type", "x86_pkg_temp");
  Write(zone + "temp", "61000");
  Write(zone + "trip_point_0_type", "active");
  Write(zone + "trip_point_0_temp", "50000");
  Write(zone + "trip_point_1_type", "passive");
  Write(zone + "trip_point_1_temp", "-274000");
  Write(zone + "trip_point_2_type", "critical");
  Write(zone + "trip_point_2_temp", "95000");
  Write(zone + "trip_point_3_type", "hot");
  Write(zone + "trip_point_3_temp", "90000");
  const HeatStatus status = Next();
  EXPECT_EQ(status.hottest.name, "thermal_zone0 x86_pkg_temp");
  EXPECT_EQ(status.hottest.limit_celsius, 90) << "fans and switched-off trips do not count";
}

TEST_F(HeatGovernorTest, AssumesAMarkAndSaysSo) {
  Write("class/hwmon/hwmon3/name", "soc");
  Write("class/hwmon/hwmon3/temp1_input", "86000");
  Write("class/hwmon/hwmon3/temp1_max", "255000");
  const HeatStatus status = Next();
  EXPECT_EQ(status.hottest.limit_celsius, 85);
  EXPECT_TRUE(status.hottest.limit_is_default);
  EXPECT_EQ(status.action, HeatAction::kStop);
  EXPECT_NE(status.message.find("(assumed)"), std::string::npos);
}

TEST_F(HeatGovernorTest, JudgesEachSensorByItsOwnMark) {
  AddHwmon(62);
  Write("class/hwmon/hwmon1/name", "drivetemp");
  Write("class/hwmon/hwmon1/temp1_input", "56000");
  Write("class/hwmon/hwmon1/temp1_max", "60000");
  const HeatStatus status = Next();
  EXPECT_EQ(status.hottest.name, "drivetemp temp1") << "cooler, but closer to its mark";
  EXPECT_EQ(status.action, HeatAction::kSlowDown);
  EXPECT_EQ(status.sensors.size(), 2U);
}

TEST_F(HeatGovernorTest, IgnoresReadingsThatCannotBe) {
  AddHwmon(50);
  for (const std::string bogus : {"0", "-5000", "151000", "abc", ""}) {
    Write("class/hwmon/hwmon1/temp1_input", bogus);
    const HeatStatus status = Next();
    EXPECT_EQ(status.sensors.size(), 1U) << bogus;
    EXPECT_EQ(status.action, HeatAction::kRun) << bogus;
  }
  fs::create_directories(folder_.path() / "class/hwmon/hwmon1/temp2_input");  // Unreadable.
  EXPECT_EQ(Next().sensors.size(), 1U);
}

TEST_F(HeatGovernorTest, SlowsDownStopsAndResumesWithHysteresis) {
  AddHwmon(60);
  EXPECT_EQ(ActionAt(60), HeatAction::kRun);
  EXPECT_EQ(ActionAt(70), HeatAction::kRun);
  EXPECT_EQ(ActionAt(71), HeatAction::kSlowDown);
  EXPECT_EQ(ActionAt(69), HeatAction::kSlowDown) << "not back at once";
  EXPECT_EQ(ActionAt(67), HeatAction::kRun);
  EXPECT_EQ(ActionAt(79), HeatAction::kSlowDown);
  EXPECT_EQ(ActionAt(80), HeatAction::kStop);
  EXPECT_EQ(ActionAt(79), HeatAction::kStop);
  EXPECT_EQ(ActionAt(71), HeatAction::kStop);
  EXPECT_EQ(ActionAt(70), HeatAction::kSlowDown);
  EXPECT_EQ(ActionAt(85), HeatAction::kStop);
  EXPECT_EQ(ActionAt(50), HeatAction::kRun);
  EXPECT_EQ(Next().stops, 2);
}

TEST_F(HeatGovernorTest, ThePauseGrowsTowardsTheMark) {
  AddHwmon(60);
  Milliseconds last{0};
  for (const double celsius : {71.0, 74.0, 77.0, 79.5}) {
    SetHwmon(celsius);
    const HeatStatus status = Next();
    EXPECT_GT(status.extra_pause, last) << celsius;
    last = status.extra_pause;
  }
  EXPECT_LE(last, options_.longest_pause);
  SetHwmon(50);
  EXPECT_EQ(Next().extra_pause, Milliseconds(0));
}

TEST_F(HeatGovernorTest, AStopOutlivesItsSensorForAWhile) {
  AddHwmon(90);
  EXPECT_EQ(Next().action, HeatAction::kStop);
  fs::remove(folder_.path() / "class/hwmon/hwmon0/temp1_input");
  EXPECT_EQ(Next().action, HeatAction::kStop);
  EXPECT_FALSE(Next().has_sensor);
  clock_.Advance(options_.blind_stop);
  const HeatStatus blind = Next();
  EXPECT_EQ(blind.action, HeatAction::kRun);
  EXPECT_NE(blind.message.find("no temperature sensor"), std::string::npos);
}

TEST_F(HeatGovernorTest, ReadsNoOftenerThanItsInterval) {
  AddHwmon(50);
  EXPECT_EQ(Next().hottest.celsius, 50);
  SetHwmon(90);
  EXPECT_EQ(governor_.Read().hottest.celsius, 50);
  clock_.Advance(options_.min_interval);
  EXPECT_EQ(governor_.Read().hottest.celsius, 90);
}

TEST_F(HeatGovernorTest, CanBeSwitchedOff) {
  AddHwmon(99);
  HeatOptions options = options_;
  options.enabled = false;
  HeatGovernor off(options, clock_);
  EXPECT_EQ(off.Read().action, HeatAction::kRun);
  EXPECT_EQ(off.Read().message, "heat protection is switched off");
}

}  // namespace
}  // namespace gpen::heat
