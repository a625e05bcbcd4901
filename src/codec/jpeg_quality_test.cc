#include "codec/jpeg_quality.h"

#include <gtest/gtest.h>

#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/header.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;

File EncodedAt(int quality, int channels = 3) {
  Photo photo = MakePhoto(DrawPicture<std::uint8_t>(64, 48, channels), Format::kJpeg);
  EncodeOptions options;
  options.quality = quality;
  options.software = "GPEN-NAS test";
  return *Encode(photo, options, nullptr);
}

/// All DQT segments of a file.
std::vector<File> Tables(const File& file) {
  std::vector<File> tables;
  for (std::uint64_t at = 2; ReadU8(file, at) == 0xFF && ReadU8(file, at + 1) != 0xDA;) {
    const std::uint64_t length = ReadU16(file, at + 2, ByteOrder::kBig);
    if (ReadU8(file, at + 1) == 0xDB) tables.push_back(Copy(Slice(file, at, length + 2)));
    at += length + 2;
  }
  return tables;
}

// libjpeg's tables of neighbouring settings are equal in places, so the tables decide.
TEST(JpegQualityTest, EverySettingGivesTheSameTablesAgain) {
  for (const int channels : {1, 3}) {
    for (int quality = 1; quality <= 100; ++quality) {
      const File file = EncodedAt(quality, channels);
      const auto photo = Decode(file, Limits());
      ASSERT_TRUE(photo);
      ASSERT_TRUE(photo->jpeg);
      EXPECT_NEAR(photo->jpeg->quality, quality, 1);
      EncodeOptions options;
      options.software = "GPEN-NAS test";
      const auto again = Encode(*photo, options, nullptr);
      ASSERT_TRUE(again);
      ASSERT_FALSE(Tables(file).empty());
      EXPECT_EQ(Tables(*again), Tables(file)) << quality;
    }
  }
}

TEST(JpegQualityTest, ForeignTablesGiveTheNearestSetting) {
  QuantisationTable flat;
  flat.fill(1);
  EXPECT_EQ(EstimateJpegQuality(flat, flat), 100);
  flat.fill(255);
  EXPECT_LE(EstimateJpegQuality(flat, flat), 10);
  flat.fill(10);
  EXPECT_NEAR(EstimateJpegQuality(flat, flat), 92, 5);
}

TEST(JpegQualityTest, ChromaSubsamplingIsKept) {
  // Below 90 our own encoder subsamples, from 90 on it does not.
  for (const int quality : {80, 95}) {
    const auto photo = Decode(EncodedAt(quality), Limits());
    ASSERT_TRUE(photo);
    EXPECT_EQ(photo->jpeg->chroma_subsampled, quality == 80);
    for (const int new_quality : {70, 98}) {
      EncodeOptions options;
      options.software = "GPEN-NAS test";
      options.quality = new_quality;
      const auto again = Decode(*Encode(*photo, options, nullptr), Limits());
      ASSERT_TRUE(again);
      EXPECT_EQ(again->jpeg->chroma_subsampled, quality == 80);
      EXPECT_EQ(again->jpeg->quality, new_quality);
    }
  }
}

}  // namespace
}  // namespace gpen::codec
