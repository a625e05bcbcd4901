#include "api/upload.h"

#include <gtest/gtest.h>

namespace gpen::api {
namespace {

TEST(DisplayName, IsNeverAPath) {
  EXPECT_EQ(DisplayName("../../etc/passwd"), "passwd");
  EXPECT_EQ(DisplayName("C:\\photos\\a\r\nb.jpg"), "ab.jpg");
  EXPECT_EQ(DisplayName("x/.."), "photo");
  EXPECT_EQ(DisplayName(""), "photo");
  EXPECT_EQ(DisplayName(std::string(199, 'a') + "\xC3\xA4"), std::string(199, 'a'));
}

}  // namespace
}  // namespace gpen::api
