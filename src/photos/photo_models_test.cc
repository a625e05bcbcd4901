#include "photos/photo_models.h"

#include <gtest/gtest.h>

#include "base/folder_testing.h"
#include "restore/installed_models_testing.h"

namespace gpen::photos {
namespace {

restore::PhotoOptions Asking(const char* model) {
  restore::PhotoOptions options;
  options.model = model;
  return options;
}

class PhotoModelsTest : public testing::Test {
 protected:
  PhotoModelsTest() {
    restore::InstallModel(folder_.path(), "gpen-lite-256", 256);
    restore::InstallModel(folder_.path(), "mine", 512);
  }
  std::string KeyWith(const restore::PhotoOptions& options) const {
    return KeyOf("photo", options, models_.For(options).value());
  }

  TestFolder folder_;
  const PhotoModels models_{{"loaded", "whole"}, {folder_.path(), "auto", {}}};
};

TEST_F(PhotoModelsTest, WhoAsksForNoneGetsTheServices) {
  EXPECT_EQ(models_.For({})->faces, "loaded");
  EXPECT_EQ(models_.For(Asking("auto"))->faces, "loaded") << "as it was loaded at the start";
  EXPECT_EQ(models_.usual_name(), "auto");
}

TEST_F(PhotoModelsTest, AnotherModelIsAnotherResult) {
  EXPECT_NE(models_.For(Asking("mine"))->faces, "loaded");
  EXPECT_EQ(models_.For(Asking("mine"))->whole_photo, "whole");
  EXPECT_NE(KeyWith(Asking("mine")), KeyWith({}));
  EXPECT_NE(KeyWith(Asking("mine")), KeyWith(Asking("gpen-lite-256")));
  EXPECT_EQ(KeyWith(Asking("auto")), KeyWith({})) << "the same networks";
  // The key of photos that were done before photos could ask for a model.
  EXPECT_EQ(KeyWith({}), KeyOf("photo", {}, {"loaded", "whole"}));
}

TEST_F(PhotoModelsTest, WhatIsNotInstalledIsRefused) {
  const auto refused = models_.Check(Asking("yours"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message().find("auto, gpen-lite-256, mine"), std::string::npos);
  EXPECT_TRUE(models_.Check(Asking("mine")));
  std::filesystem::remove(folder_.path() / "mine.json");
  EXPECT_FALSE(models_.Check(Asking("mine"))) << "it was taken away since";
}

TEST_F(PhotoModelsTest, AllAreThoseThatAPhotoMayAskFor) {
  const auto all = models_.All();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all.at("auto").faces, "loaded");
  EXPECT_EQ(all.at("mine").faces, models_.For(Asking("mine"))->faces);
}

}  // namespace
}  // namespace gpen::photos
