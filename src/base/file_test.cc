#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "base/folder_testing.h"

namespace gpen {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  std::size_t FilesInFolder() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }
  TestFolder folder_;
};

TEST_F(FileTest, WritesAndReadsBack) {
  const auto path = folder_.path() / "a.bin";
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("hello")));
  EXPECT_EQ(AsText(*ReadFile(path, 100)), "hello");
  EXPECT_EQ(FilesInFolder(), 1U);
}

TEST_F(FileTest, AbandonedFileLeavesNothing) {
  {
    auto file = AtomicFile::Create(folder_.path() / "a.bin");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->Write(AsBytes("half")));
  }
  EXPECT_EQ(FilesInFolder(), 0U);
}

TEST_F(FileTest, KeepsAnExistingFileWhenAsked) {
  const auto path = folder_.path() / "a.bin";
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("first")));
  const auto second = WriteFileAtomically(path, AsBytes("second"), AtomicFile::IfExists::kFail);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(AsText(*ReadFile(path, 100)), "first");
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("third")));
  EXPECT_EQ(AsText(*ReadFile(path, 100)), "third");
  EXPECT_EQ(FilesInFolder(), 1U);
}

TEST_F(FileTest, KeepsTheVeryFileThatItReplaces) {
  const auto path = folder_.path() / "a.jpg";
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("original")));
  struct stat before = {};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  auto file = AtomicFile::Create(path);
  ASSERT_TRUE(file && file->Write(AsBytes("result")));
  ASSERT_TRUE(file->CommitKeeping("a.original.jpg"));
  struct stat kept = {};
  ASSERT_EQ(::stat((folder_.path() / "a.original.jpg").c_str(), &kept), 0);
  EXPECT_EQ(kept.st_ino, before.st_ino);
  EXPECT_EQ(kept.st_nlink, 1U);
  EXPECT_EQ(AsText(*ReadFile(path, 100)), "result");

  auto again = AtomicFile::Create(path);
  ASSERT_TRUE(again && again->Write(AsBytes("another")));
  const auto refused = again->CommitKeeping("a.original.jpg");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
  EXPECT_NE(refused.error().message().find("a.original.jpg"), std::string::npos);
  EXPECT_EQ(AsText(*ReadFile(path, 100)), "result");
  EXPECT_EQ(AsText(*ReadFile(folder_.path() / "a.original.jpg", 100)), "original");
}

TEST_F(FileTest, KeepsALinkAsALink) {
  ASSERT_TRUE(WriteFileAtomically(folder_.path() / "elsewhere.jpg", AsBytes("original")));
  fs::create_symlink("elsewhere.jpg", folder_.path() / "a.jpg");
  auto file = AtomicFile::Create(folder_.path() / "a.jpg");
  ASSERT_TRUE(file && file->Write(AsBytes("result")));
  ASSERT_TRUE(file->CommitKeeping("a.original.jpg"));
  EXPECT_TRUE(fs::is_symlink(folder_.path() / "a.original.jpg"));
  EXPECT_EQ(AsText(*ReadFile(folder_.path() / "elsewhere.jpg", 100)), "original");
  EXPECT_EQ(AsText(*ReadFile(folder_.path() / "a.jpg", 100)), "result");
}

TEST_F(FileTest, NamesWhatIsWrong) {
  const auto missing = ReadFile(folder_.path() / "none", 100);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message().find("none"), std::string::npos);

  const auto folder = ReadFile(folder_.path(), 100);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(folder.error().message().find("found a folder"), std::string::npos);

  const auto fifo = folder_.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(ReadFile(fifo, 100).error().code(), ErrorCode::kInvalidArgument);

  ASSERT_TRUE(WriteFileAtomically(folder_.path() / "big", AsBytes("12345")));
  const auto large = ReadFile(folder_.path() / "big", 4);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), ErrorCode::kImageTooLarge);

  EXPECT_EQ(AtomicFile::Create(folder_.path() / "no" / "folder").error().code(),
            ErrorCode::kNotFound);
}

TEST_F(FileTest, AWriteThatTheSystemRefusesIsAnErrorAndLeavesNothing) {
  // A file-size limit stands for the full disk: both fail in write().
  rlimit old = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 4096, .rlim_max = old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written =
      WriteFileAtomically(folder_.path() / "a.bin", std::vector<std::byte>(1 << 20));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(written.error().message().find("a.bin"), std::string::npos);
  EXPECT_EQ(FilesInFolder(), 0U);
}

}  // namespace
}  // namespace gpen
