#include "photos/adjustment.h"

#include "photos/photos_testing.h"

namespace gpen::photos {
namespace {

// As version 0.1.0 stored it.
constexpr const char* kStored =
    R"({"strengths":[80,0],"mode":"strong","protect_tone":false,"output":"aaa.3-x.png",)"
    R"("after":"aaa.3-x.after.jpg","in_folder":true})";

class AdjustmentTest : public PhotoFixture {
 protected:
  void StoreText(const std::string& text) const { Write(folder_->Faces("3.json"), text); }
};

TEST_F(AdjustmentTest, IsReadAndWrittenAsItWasStored) {
  StoreText(kStored);
  Write(folder_->Output("aaa.3-x.png"), "adjusted");
  const auto found = FindAdjustment(*folder_, 3);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->strengths, (std::vector<int>{80, 0}));
  EXPECT_EQ(found->mode, restore::Mode::kStrong);
  EXPECT_FALSE(found->protect_tone);
  EXPECT_TRUE(found->in_folder);
  EXPECT_EQ(FormatAdjustment(*found), kStored);
}

TEST_F(AdjustmentTest, CountsOnlyWithItsResult) {
  StoreText(kStored);
  EXPECT_FALSE(FindAdjustment(*folder_, 3)) << "its result is gone";
  Write(folder_->Output("aaa.3-x.png"), "adjusted");
  for (const auto* text : {"", "[]", "{}", R"({"strengths":["x"]})"}) {
    StoreText(text);
    EXPECT_FALSE(FindAdjustment(*folder_, 3)) << text;
  }
  StoreText(R"({"strengths":[],"mode":"natural","protect_tone":true,"output":"../../etc/passwd",)"
            R"("after":"a.jpg"})");
  EXPECT_FALSE(FindAdjustment(*folder_, 3)) << "no file of ours";
}

TEST_F(AdjustmentTest, IsTheCurrentResultUntilItIsRemoved) {
  Submit({ExternalPhoto{7, 1}, {}});
  PhotoResult first = Stored("aaa");
  first.place = ExternalResult{7, "/srv/a.png"};
  auto job = Of(Complete(first));
  job.job.id = 3;
  EXPECT_EQ(AddressOf(*CurrentResult(*folder_, job)), "/srv/a.png");
  StoreText(kStored);
  Write(folder_->Output("aaa.3-x.png"), "adjusted");
  Write(folder_->Thumbnail("aaa.3-x.after.jpg"), "adjusted");
  const auto adjusted = CurrentResult(*folder_, job);
  ASSERT_TRUE(adjusted);
  EXPECT_EQ(AddressOf(*adjusted), "/outputs/aaa.3-x.png") << "it lies with us";
  EXPECT_EQ(adjusted->after, "aaa.3-x.after.jpg");
  EXPECT_EQ(adjusted->before, "aaa.before.jpg");
  ASSERT_TRUE(RemoveAdjustment(*folder_, 3));
  EXPECT_EQ(AddressOf(*CurrentResult(*folder_, job)), "/srv/a.png");
  EXPECT_FALSE(IsThere(folder_->Output("aaa.3-x.png")));
  EXPECT_FALSE(IsThere(folder_->Thumbnail("aaa.3-x.after.jpg")));
  EXPECT_TRUE(RemoveAdjustment(*folder_, 3)) << "there is none";
}

TEST(SetFromJson, ChangesWhatItNames) {
  Adjustment adjustment;
  adjustment.strengths = {80, 80};
  ASSERT_TRUE(SetFromJson(R"({"faces":[0,100]})", &adjustment));
  EXPECT_EQ(adjustment.strengths, (std::vector<int>{0, 100}));
  EXPECT_TRUE(adjustment.protect_tone);
  ASSERT_TRUE(SetFromJson(R"({"mode":"strong","protect_tone":false})", &adjustment));
  EXPECT_EQ(adjustment.mode, restore::Mode::kStrong);
  EXPECT_FALSE(adjustment.protect_tone);
  EXPECT_EQ(adjustment.strengths, (std::vector<int>{0, 100}));
}

TEST(SetFromJson, SaysWhatIsExpected) {
  Adjustment adjustment;
  for (const auto& [json, named] :
       {std::pair("", "a JSON object"), std::pair(R"({"faces":7})", "faces"),
        std::pair(R"({"faces":[101]})", "faces"), std::pair(R"({"faces":[0.5]})", "faces"),
        std::pair(R"({"mode":"x"})", "mode"), std::pair(R"({"protect_tone":7})", "protect_tone"),
        std::pair(R"({"strength":1})", "found \"strength\"")}) {
    const auto set = SetFromJson(json, &adjustment);
    ASSERT_FALSE(set) << json;
    EXPECT_EQ(set.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(set.error().message().find("expected"), std::string::npos) << set.error().message();
    EXPECT_NE(set.error().message().find(named), std::string::npos) << set.error().message();
  }
}

}  // namespace
}  // namespace gpen::photos
