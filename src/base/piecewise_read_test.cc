#include "base/piecewise_read.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <limits>
#include <string>

#include "base/descriptor.h"
#include "base/file.h"
#include "base/folder_testing.h"

namespace gpen {
namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

class PiecewiseReadTest : public ::testing::Test {
 protected:
  Descriptor FileOf(const std::string& text) {
    const auto path = folder_.path() / "a.bin";
    EXPECT_TRUE(WriteFileAtomically(path, AsBytes(text)));
    return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  TestFolder folder_;
};

TEST_F(PiecewiseReadTest, ReadsFromAnyPlaceAndStopsAtTheEnd) {
  const Descriptor file = FileOf("0123456789");
  std::string text(4, '.');
  const auto into = std::as_writable_bytes(std::span(text));
  EXPECT_EQ(ReadAt(file.get(), 3, into).bytes, 4U);
  EXPECT_EQ(text, "3456");
  const ReadPiece last = ReadAt(file.get(), 8, into);
  EXPECT_EQ(last.bytes, 2U);
  EXPECT_EQ(last.error_number, 0);
  EXPECT_EQ(text, "8956");
  EXPECT_EQ(ReadAt(file.get(), 20, into).bytes, 0U);
}

TEST_F(PiecewiseReadTest, SaysWhyItCannotRead) {
  const Descriptor folder(::open(folder_.path().c_str(), O_RDONLY | O_CLOEXEC));
  std::array<std::byte, 4> into = {};
  EXPECT_EQ(ReadAt(folder.get(), 0, into).error_number, EISDIR);
  const ReadPiece all = ReadInBlocks(folder.get(), kAll, [](auto) { FAIL(); });
  EXPECT_EQ(all.error_number, EISDIR);
}

TEST_F(PiecewiseReadTest, BlocksFollowEachOtherToTheEndOrTheLimit) {
  std::string text;
  while (text.size() < 200'000) text += std::to_string(text.size());
  const Descriptor file = FileOf(text);
  for (const std::size_t most : {kAll, text.size(), std::size_t{150'000}, std::size_t{0}}) {
    std::string read;
    const ReadPiece all = ReadInBlocks(
        file.get(), most, [&](std::span<const std::byte> block) { read += AsText(block); });
    EXPECT_EQ(read, text.substr(0, most));
    EXPECT_EQ(all.bytes, read.size());
    EXPECT_EQ(all.error_number, 0);
  }
}

}  // namespace
}  // namespace gpen
