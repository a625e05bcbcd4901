#include "watch/cut_short.h"

#include "watch/watch_fixture.h"

namespace gpen::watch {
namespace {

using namespace std::string_literals;

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
      "II*\0\x10\0\0\0pixelsX2"s + "directory",
      "MM\0*\0\0\0\x10pixelsX2"s + "directory",
      heic,
  };
  for (const auto& file : whole) {
    EXPECT_FALSE(Of(file)) << file.substr(0, 12);
    // Half of it, and space that was reserved with nothing in it yet.
    EXPECT_TRUE(Of(file.substr(0, 14))) << file.substr(0, 12);
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
