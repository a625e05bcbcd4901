#include "heat/fans.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/folder_testing.h"

namespace gpen::heat {
namespace {

namespace fs = std::filesystem;

// A drawn sysfs tree: a chip with two fans, of which one turns by itself, a fan that is a cooling
// device, and a processor that is one too.
class FansTest : public ::testing::Test {
 protected:
  FansTest() {
    Draw("class/hwmon/hwmon2/name", "it8613");
    Draw("class/hwmon/hwmon2/pwm2", "90");
    Draw("class/hwmon/hwmon2/pwm2_enable", "2");
    Draw("class/hwmon/hwmon2/pwm3", "120");
    Draw("class/hwmon/hwmon2/pwm2_auto_point1_pwm", "40");
    Draw("class/thermal/cooling_device0/type", "pwm-fan");
    Draw("class/thermal/cooling_device0/cur_state", "1");
    Draw("class/thermal/cooling_device0/max_state", "4");
    Draw("class/thermal/cooling_device1/type", "Processor");
    Draw("class/thermal/cooling_device1/cur_state", "0");
    Draw("class/thermal/cooling_device1/max_state", "10");
  }

  void Draw(const std::string& path, const std::string& value) {
    fs::create_directories((sys_ / path).parent_path());
    std::ofstream(sys_ / path) << value << "\n";
  }
  std::string Read(const std::string& path) const {
    std::ifstream file(sys_ / path);
    std::string line;
    std::getline(file, line);
    return line;
  }
  // What all fans are set to.
  std::string State() const {
    return Read("class/hwmon/hwmon2/pwm2_enable") + " " + Read("class/hwmon/hwmon2/pwm2") + " " +
           Read("class/hwmon/hwmon2/pwm3") + " " + Read("class/thermal/cooling_device0/cur_state") +
           " " + Read("class/thermal/cooling_device1/cur_state");
  }

  TestFolder folder_;
  const fs::path sys_ = folder_.path() / "sys";
  const fs::path note_ = folder_.path() / "fans";
  const std::string before_ = "2 90 120 1 0";
  const std::string full_ = "1 255 255 4 0";
};

TEST_F(FansTest, AreFoundWhereTheSystemOffersThem) {
  const auto fans = FindFans(sys_);
  ASSERT_EQ(fans.size(), 3U);
  EXPECT_EQ(fans[0].name, "it8613 pwm2");
  EXPECT_EQ(fans[1].name, "it8613 pwm3");
  EXPECT_EQ(fans[2].name, "cooling_device0 pwm-fan");
  for (const auto& fan : fans) EXPECT_TRUE(fan.is_writable) << fan.name;
  EXPECT_TRUE(FindFans(folder_.path() / "nothing").empty());
}

TEST_F(FansTest, GoToFullSpeedAndBack) {
  Fans fans(sys_, note_);
  EXPECT_EQ(State(), before_);
  ASSERT_TRUE(fans.TakeToFull());
  EXPECT_EQ(State(), full_);
  ASSERT_TRUE(fans.TakeToFull()) << "again: what was before is not forgotten";
  ASSERT_TRUE(fans.GiveBack());
  EXPECT_EQ(State(), before_);
  EXPECT_FALSE(fs::exists(note_));
}

TEST_F(FansTest, AreGivenBackAtTheEnd) {
  {
    Fans fans(sys_, note_);
    ASSERT_TRUE(fans.TakeToFull());
  }
  EXPECT_EQ(State(), before_);
}

TEST_F(FansTest, AreGivenBackAfterAKill) {
  const fs::path kept = folder_.path() / "kept";
  {
    Fans killed(sys_, note_);
    ASSERT_TRUE(killed.TakeToFull());
    fs::copy_file(note_, kept);
  }
  // As the kill leaves it: the note, and fans at full speed.
  fs::rename(kept, note_);
  Draw("class/hwmon/hwmon2/pwm2_enable", "1");
  Draw("class/hwmon/hwmon2/pwm2", "255");
  Draw("class/hwmon/hwmon2/pwm3", "255");
  Draw("class/thermal/cooling_device0/cur_state", "4");
  const Fans next(sys_, note_);
  EXPECT_EQ(State(), before_);
  EXPECT_FALSE(next.at_full());
  EXPECT_FALSE(fs::exists(note_));
}

TEST_F(FansTest, AFanThatIsGoneHoldsNothingUp) {
  Fans fans(sys_, note_);
  ASSERT_TRUE(fans.TakeToFull());
  fs::remove_all(sys_ / "class/thermal/cooling_device0");
  EXPECT_TRUE(fans.GiveBack());
  EXPECT_EQ(Read("class/hwmon/hwmon2/pwm2"), "90");
}

TEST_F(FansTest, WithoutANoteNothingIsSet) {
  Fans fans(sys_, folder_.path() / "no such folder" / "fans");
  EXPECT_FALSE(fans.TakeToFull());
  EXPECT_EQ(State(), before_);
}

TEST_F(FansTest, ANoteThatIsNoneChangesNothing) {
  std::ofstream(note_) << "/etc/passwd\tnothing\t-\t-\nrubbish";
  const Fans fans(sys_, note_);
  EXPECT_EQ(State(), before_);
}

}  // namespace
}  // namespace gpen::heat
