#include "watch/forget_vanished.h"

#include "watch/watch_fixture_testing.h"

namespace gpen::watch {
namespace {

class ForgetVanishedTest : public WatchFixture {
 protected:
  void SetUp() override {
    WatchFixture::SetUp();
    outputs_.emplace(&folder_, ledger_.get());
    Write("other.txt", "so that the folder is not empty");
  }

  // A photo that was done, with its result.
  void Done(const std::string& path, const std::string& result) {
    Write(path, "a photo");
    Write(result, "its result");
    ASSERT_TRUE(*ledger_->NoteSeen("f", path, **LookBeneath(OpenedRoot().folder(), path),
                                   clock_.Now(), true));
    auto file = *Row(path);
    file.state = FileState::kDone;
    file.output.path = result;
    ASSERT_TRUE(*ledger_->Update(file));
  }
  int ForgetAt(std::chrono::hours later) {
    auto forgotten =
        watch::ForgetVanished(OpenedRoot(), "f", *outputs_, ledger_.get(), clock_.Now() + later);
    EXPECT_TRUE(forgotten) << forgotten.error().message();
    return forgotten ? *forgotten : -1;
  }
  void Remove(const std::string& path) const { std::filesystem::remove_all(root_ / path); }

  std::optional<OutputTree> outputs_;
};

constexpr std::chrono::hours kDay{24};

TEST_F(ForgetVanishedTest, ForgetsAMonthAfterPhotoAndResultWent) {
  Done("a/gone.jpg", "a/enhanced/gone.jpg");
  Done("a/kept.jpg", "a/enhanced/kept.jpg");
  EXPECT_EQ(ForgetAt(40 * kDay), 0) << "both are there";
  Remove("a/gone.jpg");
  EXPECT_EQ(ForgetAt(41 * kDay), 0);
  EXPECT_EQ(ForgetAt(90 * kDay), 0) << "its result is there";
  Remove("a/enhanced/gone.jpg");
  EXPECT_EQ(ForgetAt(91 * kDay), 0);
  EXPECT_EQ(ForgetAt(120 * kDay), 0);
  EXPECT_EQ(ForgetAt(121 * kDay), 1);
  EXPECT_FALSE(Row("a/gone.jpg"));
  EXPECT_TRUE(Row("a/kept.jpg"));
}

TEST_F(ForgetVanishedTest, CountsAnewAfterItCameBack) {
  Done("gone.jpg", "enhanced/gone.jpg");
  Write("enhanced/other", "");
  Remove("gone.jpg");
  Remove("enhanced/gone.jpg");
  EXPECT_EQ(ForgetAt(kDay), 0);
  Write("gone.jpg", "a photo");
  EXPECT_EQ(ForgetAt(20 * kDay), 0);
  Remove("gone.jpg");
  EXPECT_EQ(ForgetAt(25 * kDay), 0);
  EXPECT_EQ(ForgetAt(35 * kDay), 0) << "gone for ten days";
  EXPECT_EQ(ForgetAt(55 * kDay), 1);
}

TEST_F(ForgetVanishedTest, AnEmptyFolderMayBeAMountThatIsAway) {
  Done("disk/a.jpg", "disk/enhanced/a.jpg");
  Remove("disk");
  std::filesystem::create_directory(root_ / "disk");
  EXPECT_EQ(ForgetAt(kDay), 0);
  EXPECT_EQ(ForgetAt(400 * kDay), 0);
  EXPECT_TRUE(Row("disk/a.jpg"));
  Remove("disk");  // As automounters do.
  EXPECT_EQ(ForgetAt(401 * kDay), 0);
  EXPECT_EQ(ForgetAt(800 * kDay), 0);
  EXPECT_TRUE(Row("disk/a.jpg"));
  Write("disk/another.jpg", "a photo");
  EXPECT_EQ(ForgetAt(801 * kDay), 0);
  EXPECT_EQ(ForgetAt(831 * kDay), 0) << "its result's folder is away";
  Write("disk/enhanced/another.jpg", "a result");
  EXPECT_EQ(ForgetAt(832 * kDay), 0);
  EXPECT_EQ(ForgetAt(862 * kDay), 1);
}

}  // namespace
}  // namespace gpen::watch
