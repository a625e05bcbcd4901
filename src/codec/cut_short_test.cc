#include "codec/cut_short.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>

#include "base/descriptor.h"
#include "base/folder_testing.h"

namespace gpen::codec {
namespace {

using namespace std::string_literals;

void AppendNumber(std::string& bytes, std::uint64_t number, int width, bool big_endian) {
  for (int i = 0; i < width; ++i) {
    const int shift = 8 * (big_endian ? width - 1 - i : i);
    bytes.push_back(static_cast<char>(number >> shift));
  }
}

// Two strips of 100 bytes, and their directory in front of or behind them.
std::string Tiff(bool big_endian, bool directory_first, bool big = false) {
  const int width = big ? 8 : 4;  // Of offsets and counts.
  const std::uint32_t header = big ? 16 : 8;
  constexpr std::uint32_t kStrips = 200;
  // Count, two entries, the next directory; the strips' places. The lengths fit into their entry.
  const std::uint32_t places = (big ? 8U : 2U) + 2 * (4U + 2 * width) + width;
  const std::uint32_t directory_size = places + 2 * width;
  const std::uint32_t directory = directory_first ? header : header + kStrips;
  const std::uint32_t strips = directory_first ? header + directory_size : header;
  std::string entries;
  const auto add = [&](std::uint32_t number, int bytes) {
    AppendNumber(entries, number, bytes, big_endian);
  };
  add(2, big ? 8 : 2);
  for (const std::uint32_t number : {273U, big ? 16U : 4U}) add(number, 2);
  for (const std::uint32_t number : {2U, directory + places}) add(number, width);
  for (const std::uint32_t number : {279U, 3U}) add(number, 2);
  add(2, width);
  for (const std::uint32_t number : {100U, 100U}) add(number, 2);
  if (big) add(0, 4);
  for (const std::uint32_t number : {0U, strips, strips + 100}) add(number, width);
  std::string file = big_endian ? "MM"s : "II"s;
  AppendNumber(file, big ? 43 : 42, 2, big_endian);
  if (big) AppendNumber(file, 8, 2, big_endian);
  if (big) AppendNumber(file, 0, 2, big_endian);
  AppendNumber(file, directory, width, big_endian);
  const std::string pixels(kStrips, 'x');
  return file + (directory_first ? entries + pixels : pixels + entries);
}

// A segment of a JPEG, with its marker and length.
std::string Segment(char marker, const std::string& content) {
  std::string segment = "\xFF"s + marker;
  AppendNumber(segment, static_cast<std::uint32_t>(content.size() + 2), 2, true);
  return segment + content;
}

// A JPEG with an APP1 segment that holds `thumbnail`.
std::string Jpeg(const std::string& thumbnail, const std::string& pixels) {
  return "\xFF\xD8"s + Segment('\xE1', thumbnail) + Segment('\xDA', "scan") + pixels + "\xFF\xD9"s;
}

std::string Box(const std::string& name, const std::string& content) {
  std::string box;
  AppendNumber(box, content.size() + 8, 4, true);
  return box + name + content;
}

// A HEIC of one picture, whose bytes are `pixels`, with `appended` behind its boxes.
std::string Heic(const std::string& pixels, const std::string& appended = "") {
  const std::string types = Box("iinf", "\0\0\0\0\0\1"s + Box("infe", "\2\0\0\0\0\1\0\0hvc1\0"s));
  const auto file_with = [&](std::uint64_t pixels_at) {
    std::string places = "\0\0\0\0\x44\0\0\1\0\1\0\0\0\1"s;  // 4 bytes each; one item, one extent.
    AppendNumber(places, pixels_at, 4, true);
    AppendNumber(places, pixels.size(), 4, true);
    return Box("ftyp", "heic\0\0\0\0"s) +
           Box("meta", "\0\0\0\0"s + Box("pitm", "\0\0\0\0\0\1"s) + types + Box("iloc", places)) +
           Box("mdat", pixels) + appended;
  };
  return file_with(file_with(0).size() - pixels.size() - appended.size());
}

// A chunk of a PNG, whose checksum nobody looks at here.
std::string Chunk(const std::string& type, const std::string& content) {
  std::string chunk;
  AppendNumber(chunk, content.size(), 4, true);
  return chunk + type + content + "crc.";
}

std::string Png(const std::string& pixels) {
  return "\x89PNG\r\n\x1A\n"s + Chunk("IHDR", std::string(13, 'h')) + Chunk("IDAT", pixels) +
         Chunk("IEND", "");
}

std::string Webp(const std::string& pixels) {
  std::string body = "WEBPVP8 ";
  AppendNumber(body, pixels.size(), 4, false);
  body += pixels;
  std::string file = "RIFF";
  AppendNumber(file, body.size(), 4, false);
  return file + body;
}

class CutShort : public ::testing::Test {
 protected:
  bool Of(const std::string& bytes) const { return Of(bytes, bytes.size()); }
  // The file holds `bytes`, and had `size` of them when it was looked at.
  bool Of(const std::string& bytes, std::size_t size) const {
    const auto path = folder_.path() / "photo";
    std::ofstream(path, std::ios::binary) << bytes;
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return LooksCutShort(file.get(), static_cast<std::int64_t>(size));
  }

 private:
  TestFolder folder_;
};

TEST_F(CutShort, TellsByTheEndOfEachKind) {
  const std::string body(200'000, 'x');
  const std::string heic = Heic(body);
  const std::vector<std::string> whole = {
      Jpeg("", body),
      Jpeg("", body) + std::string(1000, 't'),
      Png(body),
      Webp(body),
      Tiff(false, true),
      Tiff(true, true),
      Tiff(false, false),
      Tiff(true, false),
      Tiff(false, true, true),
      Tiff(true, false, true),
      heic,
  };
  for (const auto& file : whole) {
    EXPECT_FALSE(Of(file)) << file.substr(0, 12);
    // Half of it, and space that was reserved with nothing in it yet.
    EXPECT_TRUE(Of(file.substr(0, 14))) << file.substr(0, 12);
    if (file[1] == file[0]) {  // TIFF and HEIC: the last byte counts.
      EXPECT_TRUE(Of(file.substr(0, file.size() - 1))) << file.substr(0, 12);
    }
  }
  EXPECT_TRUE(Of(whole[0].substr(0, 150'000) + std::string(50'002, '\0')));
  EXPECT_TRUE(Of(whole[2].substr(0, 150'000)));
  EXPECT_TRUE(Of(whole[3].substr(0, 150'000)));
  EXPECT_TRUE(Of(heic.substr(0, heic.size() - 1)));
  EXPECT_TRUE(Of(""));
  EXPECT_TRUE(Of(std::string(5000, '\0')));
  EXPECT_FALSE(Of("This is a letter, not a photo, and fails as such."));
}

// A clip of megabytes behind the photo, as phones append it: nothing is to be waited for.
TEST_F(CutShort, WhatFollowsThePictureDoesNotCount) {
  const std::string clip = "\0\0\0\x18"s + "ftypmp42" + std::string(300'000, 'v');
  EXPECT_FALSE(Of(Jpeg("", std::string(200'000, 'x')) + clip));
  EXPECT_TRUE(Of(Jpeg("", std::string(200'000, 'x')).substr(0, 150'000)));
  EXPECT_FALSE(Of(Png(std::string(200'000, 'x')) + clip));
  EXPECT_FALSE(Of(Webp(std::string(200'000, 'x')) + clip));
  EXPECT_FALSE(
      Of(Heic(std::string(200'000, 'x'), "\0\0\x30\x0A\x10\0\0\0MotionPhoto_Data"s + clip)));
}

// The size is that of the whole, and the rest is to come.
TEST_F(CutShort, ReservedSpaceIsNoPicture) {
  const std::string half = std::string(100'000, 'x') + std::string(100'000, '\0');
  EXPECT_TRUE(Of(Heic(half)));
  EXPECT_TRUE(Of(Webp(half)));
  EXPECT_FALSE(Of(Heic(std::string(100'000, 'x') + std::string(100, '\0'))));
  EXPECT_FALSE(Of(Webp(std::string(100'000, 'x') + std::string(100, '\0'))));
}

// The code of lossy WebP for blank parts is zeros too, a few for each row of the picture.
TEST_F(CutShort, ABlankMarginIsNoReservedSpace) {
  const std::string header = "\0\0\0\x9D\x01\x2A\x40\x06\xB0\x04"s;  // 1600 x 1200.
  const auto ends_in = [&](std::size_t from, std::size_t zeros) {
    constexpr std::size_t kBefore = 20;  // Of the file, before the picture's bytes.
    const std::string pixels = header + std::string(from - kBefore - header.size(), 'x');
    return Of(Webp(pixels + std::string(zeros, '\0')));
  };
  EXPECT_FALSE(ends_in(100'000, 800));
  EXPECT_TRUE(ends_in(100'000, 4000));
  EXPECT_TRUE(ends_in(std::size_t{24} * 4096, 800)) << "from a block's begin on";
  EXPECT_FALSE(ends_in(200, 0));
}

TEST_F(CutShort, AThumbnailsEndIsNotThePhotos) {
  const std::string photo = Jpeg(Jpeg("", std::string(20'000, 't')), std::string(200'000, 'x'));
  EXPECT_FALSE(Of(photo));
  EXPECT_TRUE(Of(photo.substr(0, 50'000)));
  EXPECT_TRUE(Of(photo.substr(0, 10'000)));
  EXPECT_FALSE(Of(photo.substr(0, 20'100) + std::string(30, '\xFF') + photo.substr(20'100)))
      << "filling bytes";
}

TEST_F(CutShort, ATiffWithoutItsDirectoryYet) {
  for (const bool big : {false, true}) {
    std::string file = Tiff(false, false, big);
    const std::size_t width = big ? 8 : 4;
    file.replace(width, width, width, '\0');
    EXPECT_TRUE(Of(file)) << big;
  }
}

// 65,535 entries, each with a million numbers: they fit into no memory.
TEST_F(CutShort, ACraftedTiffTakesNoMemory) {
  for (const std::uint32_t entries : {4000U, 65'535U}) {
    std::string file = "II*\0\x08\0\0\0"s;
    AppendNumber(file, entries, 2, false);
    for (std::uint32_t i = 0; i < entries; ++i) {
      AppendNumber(file, 273, 2, false);
      AppendNumber(file, 3, 2, false);
      AppendNumber(file, 1 << 20, 4, false);
      AppendNumber(file, 8, 4, false);
    }
    file.resize(file.size() + (3 << 20));
    struct rlimit before = {};
    ::getrlimit(RLIMIT_AS, &before);
    struct rlimit limit = before;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // They map terabytes.
    limit.rlim_cur = std::uint64_t{2} << 30;
#endif
    ::setrlimit(RLIMIT_AS, &limit);
    EXPECT_NO_THROW(Of(file)) << entries;
    ::setrlimit(RLIMIT_AS, &before);
  }
}

TEST_F(CutShort, AFileThatShrinksMeanwhile) {
  for (const auto& photo :
       {Tiff(false, true), Tiff(true, false), Tiff(false, false, true),
        Jpeg("", std::string(1000, 'x')), Heic("data"), Png("data"), Webp("data")}) {
    for (std::size_t length = 0; length < std::min<std::size_t>(photo.size(), 300); ++length) {
      EXPECT_TRUE(Of(photo.substr(0, length), photo.size()));
    }
  }
}

}  // namespace
}  // namespace gpen::codec
