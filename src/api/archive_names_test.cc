#include "api/archive_names.h"

#include <gtest/gtest.h>

namespace gpen::api {
namespace {

TEST(ArchiveName, IsReadableAndStaysWhereItIsUnpacked) {
  EXPECT_EQ(ArchiveName("K\xC3\xB6ln \xE5\x8C\x97.jpg"), "K\xC3\xB6ln \xE5\x8C\x97.jpg");
  EXPECT_EQ(ArchiveName("K\xF6ln.jpg"), "K%F6ln.jpg") << "Latin-1 of an old disk";
  EXPECT_EQ(ArchiveName("\xC0\xAF.jpg"), "%C0%AF.jpg") << "a slash in disguise";
  EXPECT_EQ(ArchiveName("../../etc/passwd"), "passwd");
  EXPECT_EQ(ArchiveName("..\\..\\evil.jpg"), "evil.jpg");
  EXPECT_EQ(ArchiveName("a:b*?\x01.jpg"), "a_b___.jpg") << "a stem that is a folder of Windows";
  EXPECT_EQ(ArchiveName("CON.jpg"), "_CON.jpg");
  EXPECT_EQ(ArchiveName("lpt1"), "_lpt1");
  EXPECT_EQ(ArchiveName("console.jpg"), "console.jpg");
  EXPECT_EQ(ArchiveName(".bashrc"), "_.bashrc");
  EXPECT_EQ(ArchiveName("a.jpg. ."), "a.jpg");
  for (const auto* nothing : {"", "..", ".", "/", "x/.."}) {
    EXPECT_EQ(ArchiveName(nothing), "photo") << nothing;
  }
  const auto longest = ArchiveName(std::string(5000, '\xF6') + ".restored.jpg");
  EXPECT_LT(longest.size(), 256U);
  EXPECT_TRUE(longest.ends_with("%F6%F6.jpg")) << longest;
  EXPECT_EQ(ArchiveName("\xF0\x9F\x91"), "%F0%9F%91") << "cut short";
}

TEST(DistinctNames, TellsCopiesApartWhateverTheirCase) {
  DistinctNames names;
  EXPECT_EQ(names.Take("a.jpg"), "a.jpg");
  EXPECT_EQ(names.Take("a.jpg"), "a (2).jpg");
  EXPECT_EQ(names.Take("A.JPG"), "A (3).JPG");
  EXPECT_EQ(names.Take("a (4).jpg"), "a (4).jpg");
  EXPECT_EQ(names.Take("a.jpg"), "a (5).jpg");
  EXPECT_EQ(names.Take("b"), "b");
}

TEST(DistinctNames, AreSoonMadeHoweverManyAreEqual) {
  DistinctNames names;
  std::string last;
  for (int i = 0; i < 200'000; ++i) last = names.Take("IMG_0001.jpg");  // Hours, were it quadratic.
  EXPECT_EQ(last, "IMG_0001 (200000).jpg");
}

}  // namespace
}  // namespace gpen::api
