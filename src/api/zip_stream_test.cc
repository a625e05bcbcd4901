#include "api/zip_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/folder_testing.h"

namespace gpen::api {
namespace {

std::string ReadAll(ZipStream* stream, std::size_t piece) {
  std::string all;
  std::vector<std::byte> buffer(piece);
  while (true) {
    const auto read = stream->Read(buffer);
    if (read.status != http::BodySource::Status::kData) {
      EXPECT_EQ(read.status, http::BodySource::Status::kEnd);
      return all;
    }
    all += AsText(std::span(buffer).first(read.bytes));
  }
}

ZipEntry EntryOf(const std::filesystem::path& path, const std::string& name) {
  return {name, [path] { return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }};
}

TEST(ZipStream, IsTheSameHoweverItIsRead) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder.path() / "a", AsBytes("first file")));
  ASSERT_TRUE(WriteFileAtomically(folder.path() / "empty", {}));
  const std::vector<ZipEntry> entries = {EntryOf(folder.path() / "a", "photo.jpg"),
                                         EntryOf(folder.path() / "missing", "gone.jpg"),
                                         EntryOf(folder.path() / "empty", "photo.jpg")};
  ZipStream whole(entries);
  const auto expected = ReadAll(&whole, 1 << 16);
  for (const std::size_t piece : {1U, 7U, 64U}) {
    ZipStream cut(entries);
    EXPECT_EQ(ReadAll(&cut, piece), expected) << piece;
  }
  EXPECT_NE(expected.find("first file"), std::string::npos);
  EXPECT_NE(expected.find("photo (2).jpg"), std::string::npos);
  EXPECT_EQ(expected.find("gone.jpg"), std::string::npos);
}

// Two bytes count them in the plain end record.
TEST(ZipStream, HoldsMoreThan65535Files) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder.path() / "a", {}));
  std::vector<ZipEntry> entries;
  for (int i = 0; i < 65'536; ++i)
    entries.push_back(EntryOf(folder.path() / "a", std::to_string(i)));
  ZipStream stream(std::move(entries));
  const auto zip = ReadAll(&stream, 1 << 16);
  const auto end = zip.rfind("PK\x06\x06");
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(zip.substr(end + 32, 8), std::string("\0\0\1\0\0\0\0\0", 8)) << "files in all";
}

TEST(ZipStream, FailsWhereAFileShrinksMeanwhile) {
  const TestFolder folder;
  const auto path = folder.path() / "a";
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes(std::string(100'000, 'x'))));
  ZipStream stream({EntryOf(path, "a")});
  std::vector<std::byte> buffer(1000);
  ASSERT_EQ(stream.Read(buffer).status, http::BodySource::Status::kData);
  std::filesystem::resize_file(path, 10);
  http::BodySource::Piece piece;
  for (int i = 0; i < 200; ++i) {
    piece = stream.Read(buffer);
    if (piece.status != http::BodySource::Status::kData) break;
  }
  EXPECT_EQ(piece.status, http::BodySource::Status::kFailed);
}

}  // namespace
}  // namespace gpen::api
