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

// At once, in the thread that reads.
const ZipStream::Background kAtOnce = [](const std::function<void()>& task) { task(); };

TEST(ZipStream, IsTheSameHoweverItIsRead) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder.path() / "a", AsBytes("first file")));
  ASSERT_TRUE(WriteFileAtomically(folder.path() / "empty", {}));
  const std::vector<ZipEntry> entries = {EntryOf(folder.path() / "a", "photo.jpg"),
                                         EntryOf(folder.path() / "missing", "gone.jpg"),
                                         EntryOf(folder.path() / "empty", "photo.jpg")};
  ZipStream whole(entries, kAtOnce);
  const auto expected = ReadAll(&whole, 1 << 16);
  for (const std::size_t piece : {1U, 7U, 64U}) {
    ZipStream cut(entries, kAtOnce);
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
  ZipStream stream(std::move(entries), kAtOnce);
  const auto zip = ReadAll(&stream, 1 << 16);
  const auto end = zip.rfind("PK\x06\x06");
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(zip.substr(end + 32, 8), std::string("\0\0\1\0\0\0\0\0", 8)) << "files in all";
}

TEST(ZipStream, FailsWhereAFileShrinksMeanwhile) {
  const TestFolder folder;
  const auto path = folder.path() / "a";
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes(std::string(100'000, 'x'))));
  ZipStream stream({EntryOf(path, "a")}, kAtOnce);
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

TEST(ZipStream, WaitsForTheBackgroundAndForNothingElse) {
  const TestFolder folder;
  const auto path = folder.path() / "a";
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("content")));
  std::vector<std::function<void()>> posted;
  int opened = 0;
  const auto entry = [&](const std::string& name) {
    return ZipEntry{name, [&] {
                      ++opened;
                      return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
                    }};
  };
  const auto run_next = [&] {
    const auto task = posted.at(0);
    posted.erase(posted.begin());
    task();
  };
  std::vector<std::byte> buffer(1000);
  int woken = 0;
  {
    ZipStream stream({entry("a"), entry("b"), entry("c")},
                     [&](std::function<void()> task) { posted.push_back(std::move(task)); });
    stream.SetWaker([&] { ++woken; });
    EXPECT_EQ(stream.Read(buffer).status, http::BodySource::Status::kWait);
    EXPECT_EQ(stream.Read(buffer).status, http::BodySource::Status::kWait);
    EXPECT_EQ(posted.size(), 1U);
    run_next();
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(stream.Read(buffer).status, http::BodySource::Status::kData);
    EXPECT_EQ(posted.size(), 1U) << "one file ahead";
    run_next();
    EXPECT_EQ(opened, 2);
    EXPECT_EQ(stream.Read(buffer).status, http::BodySource::Status::kData);
    EXPECT_EQ(stream.Read(buffer).status, http::BodySource::Status::kData) << "b's header";
  }
  // The client has left: nothing more is opened.
  while (!posted.empty()) run_next();
  EXPECT_EQ(opened, 2);
  EXPECT_EQ(woken, 2);
}

}  // namespace
}  // namespace gpen::api
