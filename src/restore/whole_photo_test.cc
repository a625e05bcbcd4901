#include "restore/whole_photo.h"

#include <gtest/gtest.h>

namespace gpen::restore {
namespace {

codec::PhotoInfo InfoOf(int width, int height) {
  codec::PhotoInfo info;
  info.width = width;
  info.height = height;
  info.stored_channels = 3;
  return info;
}

std::string Refusal(const codec::PhotoInfo& info, Enlargement enlarge, codec::Format format,
                    const codec::Limits& limits = {}) {
  RestoreOptions options;
  options.enlarge = enlarge;
  const auto checked = CheckEnlarged(info, options, format, limits);
  if (checked) return "";
  EXPECT_EQ(checked.error().code(), ErrorCode::kImageTooLarge);
  return checked.error().message();
}

TEST(CheckEnlarged, WhatIsNotEnlargedFitsAnyway) {
  EXPECT_EQ(Refusal(InfoOf(100'000, 100'000), Enlargement::k1, codec::Format::kJpeg), "");
}

TEST(CheckEnlarged, SaysWhatWouldFit) {
  using codec::Format;
  EXPECT_EQ(Refusal(InfoOf(4000, 3000), Enlargement::k2, Format::kJpeg), "");
  EXPECT_EQ(Refusal(InfoOf(4000, 3000), Enlargement::k4, Format::kJpeg),
            "4000x3000 pixels enlarged 4 times are 16000x12000, 192.0 megapixels: expected at most "
            "120.0 megapixels and 65500 pixels a side in a jpeg; enlarged 2 times it would fit");
  EXPECT_NE(
      Refusal(InfoOf(8000, 6250), Enlargement::k4, Format::kJpeg)
          .find("a photo of up to 7.5 megapixels and 16375 pixels a side can be enlarged 4 times"),
      std::string::npos);
  EXPECT_NE(
      Refusal(InfoOf(10'000, 1000), Enlargement::k2, Format::kWebp).find("16383 pixels a side"),
      std::string::npos);
}

TEST(CheckEnlarged, MemoryCountsToo) {
  codec::Limits limits;
  limits.max_memory_bytes = 70'000'000;  // 7 bytes for each new pixel of 8-bit colour.
  EXPECT_EQ(Refusal(InfoOf(2500, 1000), Enlargement::k2, codec::Format::kPng, limits), "");
  EXPECT_NE(Refusal(InfoOf(2600, 1000), Enlargement::k2, codec::Format::kPng, limits), "");
  auto deep = InfoOf(2500, 1000);
  deep.bits_per_sample = 16;
  EXPECT_NE(Refusal(deep, Enlargement::k2, codec::Format::kPng, limits), "");
}

TEST(WholePhoto, ANetworkThatIsMissingIsNamed) {
  const WholePhoto whole("no-such-folder", 1);
  const auto network = whole.Network(PhotoModel::kX4);
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code(), ErrorCode::kModelMissing);
  EXPECT_NE(network.error().message().find("photo-x4.json"), std::string::npos);
  const auto repairing = whole.RepairingNetwork();
  ASSERT_FALSE(repairing);
  EXPECT_NE(repairing.error().message().find("photo-repair.json"), std::string::npos);
}

}  // namespace
}  // namespace gpen::restore
