#include "restore/face_networks.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/folder_testing.h"
#include "nn/precision_record.h"
#include "restore/installed_models_testing.h"

namespace gpen::restore {
namespace {

class FaceNetworksTest : public ::testing::Test {
 protected:
  nn::Manifest Install(const std::string& name, int size, nn::Task task = nn::Task::kRestoration) {
    return InstallModel(models(), name, size, task);
  }
  void InstallLight() {
    Install("gpen-lite-256", 256);
    Install("gpen-lite-512", 512);
  }
  std::filesystem::path models() const { return folder_.path(); }
  Result<FaceNetworks> Load(std::string_view model) const {
    return FaceNetworks::Load(loaded_, model);
  }
  static std::string NameFor(const FaceNetworks& networks, double crop_side) {
    const auto network = networks.For(crop_side);
    return network ? (*network)->manifest().name : network.error().message();
  }

  TestFolder folder_;
  std::shared_ptr<LoadedNetworks> loaded_ = std::make_shared<LoadedNetworks>(models(), 1);
};

TEST_F(FaceNetworksTest, AFaceGetsTheSmallestThatHasItsPixels) {
  InstallLight();
  const auto networks = Load("auto");
  ASSERT_TRUE(networks) << networks.error().message();
  EXPECT_EQ(NameFor(*networks, 40), "gpen-lite-256");
  EXPECT_EQ(NameFor(*networks, 256), "gpen-lite-256");
  EXPECT_EQ(NameFor(*networks, 256.5), "gpen-lite-512");
  EXPECT_EQ(NameFor(*networks, 3000), "gpen-lite-512");
  EXPECT_EQ(networks->Names(), "gpen-lite-256 7, gpen-lite-512 7");
}

TEST_F(FaceNetworksTest, ANameStandsForThatNetworkAlone) {
  InstallLight();
  const auto named = Install("mine", 256);
  const auto networks = Load("mine");
  ASSERT_TRUE(networks) << networks.error().message();
  EXPECT_EQ(NameFor(*networks, 3000), "mine");
  EXPECT_EQ(networks->Fingerprint(), named.sha256) << "results of earlier versions are found again";
}

TEST_F(FaceNetworksTest, OneLightNetworkIsEnough) {
  Install("gpen-lite-512", 512);
  const auto networks = Load("auto");
  ASSERT_TRUE(networks) << networks.error().message();
  EXPECT_EQ(NameFor(*networks, 40), "gpen-lite-512");
}

TEST_F(FaceNetworksTest, TheFingerprintChangesWithEachOfThem) {
  InstallLight();
  const auto both = Load("auto")->Fingerprint();
  std::filesystem::remove(models() / "gpen-lite-512.json");
  const auto small = Load("auto")->Fingerprint();
  EXPECT_NE(both, small);
  EXPECT_EQ(small, Load("gpen-lite-256")->Fingerprint());
}

TEST_F(FaceNetworksTest, NoneAtAllSaysWhatWasExpected) {
  Install("mine", 256);
  const auto networks = Load("auto");
  ASSERT_FALSE(networks);
  EXPECT_EQ(networks.error().code(), ErrorCode::kModelMissing);
  EXPECT_NE(networks.error().message().find("gpen-lite-256.json, gpen-lite-512.json"),
            std::string::npos)
      << networks.error().message();
}

TEST_F(FaceNetworksTest, ADamagedLargerOneIsAnErrorOfTheFaceThatNeedsIt) {
  InstallLight();
  ASSERT_TRUE(WriteFileAtomically(models() / "gpen-lite-512.onnx", AsBytes("damaged")));
  const auto networks = Load("auto");
  ASSERT_TRUE(networks) << networks.error().message();
  EXPECT_EQ(NameFor(*networks, 100), "gpen-lite-256");
  const auto large = networks->For(500);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), ErrorCode::kModelInvalid);
  InstallLight();
  EXPECT_EQ(NameFor(*networks, 500), "gpen-lite-512") << "a failure is not kept";
}

TEST_F(FaceNetworksTest, WhatWasMeasuredHereRunsInTheirPlace) {
  InstallLight();
  const auto asked = nn::LoadManifest(models() / "gpen-lite-512.json");
  const auto int8 = Install("gpen-lite-512-int8", 512);
  const auto record = models() / "cache/precision.json";
  ASSERT_TRUE(nn::RecordPrecision(*asked, int8, record));
  const auto networks = FaceNetworks::Load(loaded_, "auto", record);
  ASSERT_TRUE(networks) << networks.error().message();
  EXPECT_EQ(NameFor(*networks, 500), "gpen-lite-512-int8");
  EXPECT_EQ(NameFor(*networks, 100), "gpen-lite-256");
}

TEST_F(FaceNetworksTest, NothingIsLoadedBeforeAFaceAsksForIt) {
  InstallLight();
  Install("mine", 512);
  const auto found = FaceNetworks::Find(loaded_, "mine");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(loaded_->Names(), std::vector<std::string>{});
  const auto networks = Load("auto");
  ASSERT_TRUE(networks) << networks.error().message();
  EXPECT_EQ(loaded_->Names(), std::vector<std::string>{"gpen-lite-256"});
}

TEST_F(FaceNetworksTest, BesideTheLightOnesOneOtherIsLoaded) {
  InstallLight();
  Install("first", 256);
  Install("second", 512);
  const auto load = [&](std::string_view model, double crop_side) {
    EXPECT_TRUE(Load(model)->For(crop_side));
    return loaded_->Names();
  };
  using Names = std::vector<std::string>;
  load("auto", 40);
  EXPECT_EQ(load("auto", 500), (Names{"gpen-lite-256", "gpen-lite-512"}));
  EXPECT_EQ(load("first", 500), (Names{"first", "gpen-lite-256", "gpen-lite-512"}));
  EXPECT_EQ(load("second", 500), (Names{"gpen-lite-256", "gpen-lite-512", "second"}));
  // By its own name it is the one that is there.
  EXPECT_EQ(load("gpen-lite-512", 500), (Names{"gpen-lite-256", "gpen-lite-512", "second"}));
  EXPECT_EQ(load("first", 500), (Names{"first", "gpen-lite-256", "gpen-lite-512"}));
}

TEST_F(FaceNetworksTest, WhatIsDroppedLivesWhileItRuns) {
  Install("first", 256);
  Install("second", 256);
  const auto first = Load("first")->For(100);
  ASSERT_TRUE(Load("second"));
  EXPECT_EQ(loaded_->Names(), std::vector<std::string>{"second"});
  EXPECT_TRUE((*first)->Run(Image(256, 256, 3, SampleType::kF32).view(), {}));
}

TEST_F(FaceNetworksTest, AModelThatWasReplacedIsLoadedAnew) {
  Install("mine", 256);
  EXPECT_EQ((*Load("mine")->For(100))->size(), 256);
  Install("mine", 512);
  EXPECT_EQ((*Load("mine")->For(100))->size(), 512);
  EXPECT_EQ(loaded_->Names(), std::vector<std::string>{"mine"});
  std::filesystem::remove(models() / "mine.json");
  const auto gone = Load("mine");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code(), ErrorCode::kModelMissing);
}

TEST_F(FaceNetworksTest, WhatTakesNoPhotosIsRefused) {
  Install("maps", 512, nn::Task::kSegmentationToFace);
  const auto networks = Load("maps");
  ASSERT_FALSE(networks);
  EXPECT_EQ(networks.error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(FaceNetworksTest, LightOnesThatDoDifferentThingsAreRefused) {
  Install("gpen-lite-256", 256);
  Install("gpen-lite-512", 512, nn::Task::kInpainting);
  const auto networks = Load("auto");
  ASSERT_FALSE(networks);
  EXPECT_EQ(networks.error().code(), ErrorCode::kModelInvalid);
}

}  // namespace
}  // namespace gpen::restore
