#include "base/sha256.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/folder_testing.h"

namespace gpen {
namespace {

// FIPS 180-4 example.
constexpr auto kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, MatchesTheStandardsExample) { EXPECT_EQ(Sha256(AsBytes("abc")), kAbc); }

TEST(Sha256, FilesGiveTheSame) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder.path() / "abc", AsBytes("abc")));
  EXPECT_EQ(*Sha256OfFile(folder.path() / "abc"), kAbc);
  EXPECT_EQ(Sha256OfFile(folder.path() / "none").error().code(), ErrorCode::kNotFound);
  EXPECT_FALSE(Sha256OfFile(folder.path()));
}

}  // namespace
}  // namespace gpen
