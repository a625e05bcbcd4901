#include "base/md5.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/folder_testing.h"

namespace gpen {
namespace {

TEST(Md5, IsThatOfTheStandard) {
  const TestFolder folder;
  const auto path = folder.path() / "file";
  std::ofstream(path) << "abc";  // RFC 1321, appendix A.5.
  EXPECT_EQ(*Md5OfFile(path), "900150983cd24fb0d6963f7d28e17f72");
  std::ofstream(path, std::ios::trunc) << std::string(3'000'000, 'a');
  EXPECT_EQ(Md5OfFile(path)->size(), 32U);
  EXPECT_EQ(Md5OfFile(folder.path() / "none").error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace gpen
