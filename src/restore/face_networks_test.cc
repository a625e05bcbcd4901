#include "restore/face_networks.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/folder_testing.h"
#include "base/sha256.h"
#include "nn/precision_record.h"

namespace gpen::restore {
namespace {

// Fields of a protocol buffer.
std::string Varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 127; value >>= 7U) bytes += static_cast<char>((value & 127U) | 128U);
  return bytes + static_cast<char>(value);
}
std::string Number(unsigned field, std::uint64_t value) {
  return Varint(field << 3U) + Varint(value);
}
std::string Text(unsigned field, const std::string& bytes) {
  return Varint((field << 3U) | 2U) + Varint(bytes.size()) + bytes;
}

std::string Picture(const std::string& name, int size) {
  std::string shape;
  for (const int side : {1, 3, size, size}) shape += Text(1, Number(1, side));
  return Text(1, name) + Text(2, Text(1, Number(1, 1) + Text(2, shape)));
}

// An ONNX model that gives its input back.
std::string IdentityModel(int size) {
  const std::string node = Text(1, "x") + Text(2, "y") + Text(4, "Identity");
  const std::string graph = Text(1, node) + Text(2, "graph") + Text(11, Picture("x", size)) +
                            Text(12, Picture("y", size));
  return Number(1, 8) + Text(7, graph) + Text(8, Text(1, "") + Number(2, 13));
}

class FaceNetworksTest : public ::testing::Test {
 protected:
  nn::Manifest Install(const std::string& name, int size, nn::Task task = nn::Task::kRestoration) {
    const std::string model = IdentityModel(size);
    nn::Manifest manifest;
    manifest.name = name;
    manifest.version = "7";
    manifest.file = name + ".onnx";
    manifest.sha256 = Sha256(AsBytes(model));
    manifest.input_size = size;
    manifest.task = task;
    manifest.license = "none";
    manifest.provenance = "a test";
    EXPECT_TRUE(WriteFileAtomically(models() / manifest.file, AsBytes(model)));
    EXPECT_TRUE(
        WriteFileAtomically(models() / (name + ".json"), AsBytes(nn::FormatManifest(manifest))));
    return manifest;
  }
  void InstallLight() {
    Install("gpen-lite-256", 256);
    Install("gpen-lite-512", 512);
  }
  std::filesystem::path models() const { return folder_.path(); }
  Result<FaceNetworks> Load(std::string_view model) const {
    return FaceNetworks::Load(models(), model, 1);
  }
  static std::string NameFor(const FaceNetworks& networks, double crop_side) {
    const auto network = networks.For(crop_side);
    return network ? (*network)->manifest().name : network.error().message();
  }

  TestFolder folder_;
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
  const auto networks = FaceNetworks::Load(models(), "auto", 1, record);
  ASSERT_TRUE(networks) << networks.error().message();
  EXPECT_EQ(NameFor(*networks, 500), "gpen-lite-512-int8");
  EXPECT_EQ(NameFor(*networks, 100), "gpen-lite-256");
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
