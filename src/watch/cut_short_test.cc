#include "watch/cut_short.h"

#include "watch/watch_fixture.h"

namespace gpen::watch {
namespace {

using namespace std::string_literals;

void AppendNumber(std::string& bytes, std::uint32_t number, int width, bool big_endian) {
  for (int i = 0; i < width; ++i) {
    const int shift = 8 * (big_endian ? width - 1 - i : i);
    bytes.push_back(static_cast<char>(number >> shift));
  }
}

// Two strips of 100 bytes, and their directory in front of or behind them.
std::string Tiff(bool big_endian, bool directory_first) {
  constexpr std::uint32_t kStrips = 200;
  constexpr std::uint32_t kDirectory = 2 + 2 * 12 + 4 + 2 * 4;
  const std::uint32_t directory = directory_first ? 8 : 8 + kStrips;
  const std::uint32_t strips = directory_first ? 8 + kDirectory : 8;
  std::string entries;
  const auto add = [&](std::uint32_t number, int width) {
    AppendNumber(entries, number, width, big_endian);
  };
  add(2, 2);
  for (const std::uint32_t number : {273U, 4U}) add(number, 2);
  for (const std::uint32_t number : {2U, directory + kDirectory - 8}) add(number, 4);
  for (const std::uint32_t number : {279U, 3U}) add(number, 2);
  add(2, 4);
  for (const std::uint32_t number : {100U, 100U}) add(number, 2);
  for (const std::uint32_t number : {0U, strips, strips + 100}) add(number, 4);
  std::string file = big_endian ? "MM\0*"s : "II*\0"s;
  AppendNumber(file, directory, 4, big_endian);
  const std::string pixels(kStrips, 'x');
  return file + (directory_first ? entries + pixels : pixels + entries);
}

class CutShort : public WatchFixture {
 protected:
  bool Of(const std::string& bytes) {
    Write("photo", bytes);
    const auto file = OpenFileBeneath(OpenedRoot(), "photo");
    return LooksCutShort(file->get(), static_cast<std::int64_t>(bytes.size()));
  }
};

TEST_F(CutShort, TellsByTheEndOfEachKind) {
  const std::string body(200'000, 'x');
  const std::string heic = "\0\0\0\x10"s + "ftypheic\0\0\0\0"s + "\0\0\0\x0Cmdat"s + "data";
  const std::vector<std::string> whole = {
      "\xFF\xD8\xFF\xE0"s + body + "\xFF\xD9"s,
      "\xFF\xD8\xFF\xE0"s + body + "\xFF\xD9"s + std::string(1000, 't'),
      "\x89PNG\r\n\x1A\n"s + body + "IEND1234",
      "RIFF\x0C\0\0\0WEBPVP8 data"s,
      Tiff(false, true),
      Tiff(true, true),
      Tiff(false, false),
      Tiff(true, false),
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
  EXPECT_TRUE(Of(heic.substr(0, heic.size() - 1)));
  EXPECT_TRUE(Of(""));
  EXPECT_TRUE(Of(std::string(5000, '\0')));
  EXPECT_FALSE(Of("This is a letter, not a photo, and fails as such."));
}

}  // namespace
}  // namespace gpen::watch
