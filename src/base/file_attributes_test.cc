#include "base/file_attributes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <string>

#include "base/descriptor.h"
#include "base/folder_testing.h"

namespace gpen {
namespace {

class FileAttributesTest : public ::testing::Test {
 protected:
  Descriptor Make(const char* name) const {
    return Descriptor(::open((folder_.path() / name).c_str(), O_RDWR | O_CREAT, 0600));
  }
  static struct stat StatusOf(const Descriptor& file) {
    struct stat status = {};
    EXPECT_EQ(::fstat(file.get(), &status), 0);
    return status;
  }
  TestFolder folder_;
};

TEST_F(FileAttributesTest, CopiesModeAndTime) {
  const auto from = Make("from");
  const auto to = Make("to");
  ASSERT_EQ(::fchmod(from.get(), 0644), 0);
  const timespec times[2] = {{111, 0}, {1'000'000'000, 123'000'000}};
  ASSERT_EQ(::futimens(from.get(), times), 0);
  CopyOwnerAndMode(from.get(), to.get());
  CopyModificationTime(from.get(), to.get());
  EXPECT_EQ(StatusOf(to).st_mode & 07777U, 0644U);
  EXPECT_EQ(StatusOf(to).st_mtim.tv_sec, 1'000'000'000);
  EXPECT_EQ(StatusOf(to).st_mtim.tv_nsec, 123'000'000);
  EXPECT_NE(StatusOf(to).st_atim.tv_sec, 111) << "when it was last read is its own";
}

TEST_F(FileAttributesTest, CopiesAttributesWhereTheFileSystemHasThem) {
  const auto from = Make("from");
  const auto to = Make("to");
  if (::fsetxattr(from.get(), "user.xdg.tags", "family", 6, 0) != 0) {
    GTEST_SKIP() << "no extended attributes here";
  }
  CopyAttributes(from.get(), to.get());
  std::string value(16, ' ');
  const ssize_t size = ::fgetxattr(to.get(), "user.xdg.tags", value.data(), value.size());
  ASSERT_EQ(size, 6);
  EXPECT_EQ(value.substr(0, 6), "family");
}

}  // namespace
}  // namespace gpen
