#include "codec/decode.h"

#include <gtest/gtest.h>

#include <random>
#include <stop_token>
#include <thread>

#include "base/cpu.h"
#include "codec/byte_writer.h"
#include "codec/encode.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;

constexpr Format kAllFormats[] = {Format::kJpeg, Format::kPng,  Format::kWebp,
                                  Format::kTiff, Format::kHeic, Format::kAvif};

File Encoded(const Photo& photo, Format format) {
  EncodeOptions options;
  options.format = format;
  options.software = "GPEN-NAS test";
  auto file = Encode(photo, options, nullptr);
  EXPECT_TRUE(file) << file.error().message();
  return *std::move(file);
}

File SmallFile(Format format) {
  return Encoded(MakePhoto(DrawPicture<std::uint8_t>(64, 48, 3), Format::kPng), format);
}

TEST(DecodeTest, ProbeSaysWhatDecodeGives) {
  for (const Format format : kAllFormats) {
    const File file = SmallFile(format);
    const auto info = Probe(file, Limits());
    const auto photo = Decode(file, Limits());
    ASSERT_TRUE(info && photo) << NameOf(format);
    EXPECT_EQ(info->format, format);
    EXPECT_EQ(info->width, 64);
    EXPECT_EQ(info->height, 48);
    EXPECT_EQ(info->frames, 1);
    EXPECT_EQ(photo->width(), 64);
    EXPECT_EQ(photo->height(), 48);
    EXPECT_EQ(photo->info.stored_channels, 3);
    EXPECT_GE(info->decode_memory_bytes, 64 * 48 * 3);
  }
}

// Every cut gives an error with a text, whatever part of the file is missing.
TEST(DecodeTest, TruncatedFileIsAnError) {
  for (const Format format : kAllFormats) {
    const File file = SmallFile(format);
    for (const double part : {0.05, 0.3, 0.5, 0.7, 0.9}) {
      const auto length = static_cast<std::size_t>(static_cast<double>(file.size()) * part);
      const auto photo = Decode(std::span(file).first(length), Limits());
      // Our TIFF has its metadata behind the pixels.
      if (photo && format == Format::kTiff) {
        EXPECT_FALSE(photo->losses.empty());
        EXPECT_TRUE(SamePixels(photo->pixels, Decode(file, Limits())->pixels));
        continue;
      }
      ASSERT_FALSE(photo) << NameOf(format) << " cut to " << part;
      EXPECT_TRUE(photo.error().code() == ErrorCode::kCorruptImage ||
                  photo.error().code() == ErrorCode::kUnsupportedFormat)
          << photo.error().message();
      EXPECT_FALSE(photo.error().message().empty());
    }
  }
}

// libvips has one buffer for what it reports, for all threads.
TEST(DecodeTest, WhatIsSaidOfOnePhotoIsNotSaidOfAnother) {
  const File whole = SmallFile(Format::kJpeg);
  File damaged = whole;
  damaged.erase(damaged.end() - 60, damaged.end() - 2);
  ASSERT_EQ(Decode(damaged, Limits())->warnings.size(), 1);
  std::jthread other([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto photo = Decode(damaged, Limits());
      EXPECT_TRUE(photo && photo->warnings.size() == 1);
    }
  });
  for (int i = 0; i < 200; ++i) {
    const auto photo = Decode(whole, Limits());
    ASSERT_TRUE(photo);
    ASSERT_TRUE(photo->warnings.empty()) << photo->warnings.front();
  }
}

TEST(DecodeTest, DamagedBytesNeverCrash) {
  std::mt19937 random(7);
  for (const Format format : kAllFormats) {
    const File file = SmallFile(format);
    for (int round = 0; round < 60; ++round) {
      File damaged = file;
      for (int i = 0; i < 4; ++i) damaged[random() % damaged.size()] ^= std::byte{0x55};
      Limits limits;
      limits.max_pixels = 1'000'000;
      const auto photo = Decode(damaged, limits);
      if (!photo) continue;
      EXPECT_LE(std::int64_t{photo->width()} * photo->height(), limits.max_pixels);
    }
  }
}

TEST(DecodeTest, LimitsAreNamed) {
  const File file = SmallFile(Format::kJpeg);
  Limits limits;
  limits.max_pixels = 1000;
  auto result = Decode(file, limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kImageTooLarge);
  EXPECT_NE(result.error().message().find("64 x 48"), std::string::npos);
  limits = Limits();
  limits.max_file_bytes = 100;
  EXPECT_EQ(Probe(file, limits).error().code(), ErrorCode::kImageTooLarge);
  limits = Limits();
  limits.max_memory_bytes = 5000;
  EXPECT_EQ(Probe(file, limits).error().code(), ErrorCode::kImageTooLarge);
  limits.max_memory_bytes = 0;
  EXPECT_TRUE(Probe(file, limits));
}

// A TIFF of 64 x 64 gray pixels whose one strip is said to be a JPEG with so many scans.
File TiffOfScans(int scans) {
  File file;
  const auto number = [&](std::uint64_t value, int bytes) {
    AppendUnsigned(value, bytes, ByteOrder::kLittle, &file);
  };
  Append("II*", &file);
  number(0, 1);
  number(8, 4);
  const std::pair<int, int> entries[] = {{256, 64}, {257, 64}, {258, 8},  {259, 7}, {262, 1},
                                         {273, 0},  {277, 1},  {278, 64}, {279, 0}};
  const std::uint64_t strip = 8 + 2 + std::size(entries) * 12 + 4;
  number(std::size(entries), 2);
  for (const auto& [tag, value] : entries) {
    number(static_cast<std::uint64_t>(tag), 2);
    number(4, 2);  // A long, of which there is one.
    number(1, 4);
    number(tag == 273   ? strip
           : tag == 279 ? static_cast<std::uint64_t>(scans) * 3
                        : static_cast<std::uint64_t>(value),
           4);
  }
  number(0, 4);
  for (int i = 0; i < scans; ++i) number(0xDAFF, 3);
  return file;
}

TEST(DecodeTest, ScansWithinATiffAreCounted) {
  const auto many = Probe(TiffOfScans(1000), Limits());
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().message().find("1000: each is a walk"), std::string::npos)
      << many.error().message();
  EXPECT_TRUE(Probe(TiffOfScans(3), Limits()));
}

TEST(DecodeTest, RandomBytesAreUnsupported) {
  std::mt19937 random(3);
  File bytes(4096);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 0xFF);
  const auto photo = Decode(bytes, Limits());
  ASSERT_FALSE(photo);
  EXPECT_EQ(photo.error().code(), ErrorCode::kUnsupportedFormat);
}

}  // namespace
}  // namespace gpen::codec
