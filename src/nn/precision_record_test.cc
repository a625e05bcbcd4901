#include "nn/precision_record.h"

#include <gtest/gtest.h>

#include <string>

#include "base/cpu.h"
#include "base/file.h"
#include "base/folder_testing.h"

namespace gpen::nn {
namespace {

class PrecisionRecord : public ::testing::Test {
 protected:
  Manifest Install(const std::string& name, char digit) {
    Manifest manifest;
    manifest.name = name;
    manifest.version = "1";
    manifest.file = name + ".onnx";
    manifest.sha256 = std::string(64, digit);
    manifest.license = "none";
    manifest.provenance = "a test";
    EXPECT_TRUE(
        WriteFileAtomically(models() / (name + ".json"), AsBytes(FormatManifest(manifest))));
    return manifest;
  }
  std::filesystem::path models() const { return folder_.path(); }
  std::filesystem::path record() const { return folder_.path() / "cache/gpen/precision.json"; }
  std::string Preferred() const { return PreferredModel(models(), "net", record()); }

  TestFolder folder_;
};

TEST_F(PrecisionRecord, WithoutARecordTheModelItselfRuns) {
  Install("net", 'a');
  EXPECT_EQ(Preferred(), "net");
}

TEST_F(PrecisionRecord, WhatWasRecordedRuns) {
  const auto net = Install("net", 'a');
  const auto int8 = Install("net-int8", 'b');
  ASSERT_TRUE(RecordPrecision(net, int8, record()));
  EXPECT_EQ(Preferred(), "net-int8");
  EXPECT_EQ(PreferredModel(models(), "net-int8", record()), "net-int8");
  ASSERT_TRUE(RecordPrecision(net, net, record()));
  EXPECT_EQ(Preferred(), "net");
}

TEST_F(PrecisionRecord, EndsWhenEitherModelIsReplacedOrRemoved) {
  const auto net = Install("net", 'a');
  const auto int8 = Install("net-int8", 'b');
  ASSERT_TRUE(RecordPrecision(net, int8, record()));
  Install("net", 'c');
  EXPECT_EQ(Preferred(), "net");
  Install("net", 'a');
  EXPECT_EQ(Preferred(), "net-int8");
  Install("net-int8", 'd');
  EXPECT_EQ(Preferred(), "net");
  std::filesystem::remove(models() / "net-int8.json");
  EXPECT_EQ(Preferred(), "net");
}

TEST_F(PrecisionRecord, KeepsOtherModelsRecords) {
  const auto net = Install("net", 'a');
  const auto int8 = Install("net-int8", 'b');
  const auto other = Install("other", 'e');
  ASSERT_TRUE(RecordPrecision(net, int8, record()));
  ASSERT_TRUE(RecordPrecision(other, other, record()));
  EXPECT_EQ(Preferred(), "net-int8");
}

TEST_F(PrecisionRecord, ADamagedOrHostileRecordCountsAsNone) {
  const auto net = Install("net", 'a');
  ASSERT_TRUE(RecordPrecision(net, net, record()));
  const std::string machine = CpuName();
  for (const std::string& text :
       {std::string("{"), std::string("[]"), "{\"" + machine + "\": 3}",
        "{\"" + machine + "\": {\"net\": \"net-int8\"}}",
        "{\"" + machine + "\": {\"net\": {\"use\": \"../net-int8\", \"sha256\": \"" + net.sha256 +
            "\", \"use_sha256\": \"" + net.sha256 + "\"}}}"}) {
    ASSERT_TRUE(WriteFileAtomically(record(), AsBytes(text)));
    EXPECT_EQ(Preferred(), "net") << text;
  }
}

}  // namespace
}  // namespace gpen::nn
