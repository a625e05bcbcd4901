#include "restore/model_choice.h"

#include <gtest/gtest.h>

#include "base/folder_testing.h"
#include "restore/face_networks.h"
#include "restore/installed_models_testing.h"

namespace gpen::restore {
namespace {

using Names = std::vector<std::string>;

TEST(ModelChoice, IsOfWhatRestoresFacesAndIsThere) {
  const TestFolder folder;
  EXPECT_EQ(ModelNames(folder.path()), Names{});
  InstallModel(folder.path(), "mine", 512);
  EXPECT_EQ(ModelNames(folder.path()), Names{"mine"});
  InstallModel(folder.path(), "gpen-lite-256", 256);
  InstallModel(folder.path(), "colours", 512, nn::Task::kColorization);
  InstallModel(folder.path(), "photo-x2", 64, nn::Task::kPhoto);
  InstallModel(folder.path(), "without-a-file", 512);
  std::filesystem::remove(folder.path() / "without-a-file.onnx");
  ASSERT_TRUE(WriteFileAtomically(folder.path() / "damaged.json", AsBytes("{")));
  EXPECT_EQ(ModelNames(folder.path()), (Names{"auto", "gpen-lite-256", "mine"}));
  const auto choices = ModelChoices(folder.path());
  ASSERT_EQ(choices.size(), 2U);
  EXPECT_TRUE(choices[0].is_light);
  EXPECT_FALSE(choices[1].is_light);
  EXPECT_EQ(choices[1].task, "restoration");
  EXPECT_EQ(choices[1].input_size, 512);
  EXPECT_EQ(choices[1].version, "7");
  EXPECT_EQ(choices[1].license, "none");
  EXPECT_EQ(choices[1].provenance, "a test");
}

TEST(ModelChoice, OthersAreRefusedWithTheNamesThatThereAre) {
  const TestFolder folder;
  const auto refused = [&](const char* name) {
    const auto checked = CheckModelChoice(folder.path(), name);
    if (checked) return std::string("taken");
    EXPECT_EQ(checked.error().code(), ErrorCode::kInvalidArgument);
    return checked.error().message();
  };
  EXPECT_EQ(refused("auto"),
            "no model that restores faces is installed, asked for \"auto\": install one");
  InstallModel(folder.path(), "gpen-lite-512", 512);
  InstallModel(folder.path(), "mine", 512);
  EXPECT_EQ(refused("mine"), "taken");
  EXPECT_EQ(refused("auto"), "taken");
  EXPECT_EQ(refused("yours"),
            "expected one that is installed and restores faces (auto, gpen-lite-512, mine), "
            "found \"yours\"");
}

TEST(ModelChoice, TheFingerprintIsThatOfTheNetworksThatRun) {
  const TestFolder folder;
  InstallModel(folder.path(), "gpen-lite-256", 256);
  const auto mine = InstallModel(folder.path(), "mine", 512);
  const auto fingerprint = [&](const char* name) {
    return FacesFingerprint(folder.path(), name, {}).value();
  };
  EXPECT_EQ(fingerprint("mine"), mine.sha256);
  EXPECT_NE(fingerprint("auto"), fingerprint("mine"));
  const auto before = fingerprint("mine");
  InstallModel(folder.path(), "mine", 256);
  EXPECT_NE(fingerprint("mine"), before) << "it was replaced";
  EXPECT_FALSE(FacesFingerprint(folder.path(), "yours", {}));
}

}  // namespace
}  // namespace gpen::restore
