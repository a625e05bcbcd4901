#include "base/inflate.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace gpen {
namespace {

TEST(Inflate, GivesBackWhatDeflatePacked) {
  for (const std::size_t size : {0U, 1U, 65536U, 200'000U}) {
    const std::string text(size, 'a');
    const auto packed = Deflate(AsBytes(text));
    EXPECT_EQ(AsText(Inflate(packed, size).value()), text);
    EXPECT_EQ(AsText(Inflate(packed, size, Packing::kZlibOrGzip).value()), text);
  }
}

TEST(Inflate, RefusesWhatIsDamagedOrTooLarge) {
  const std::string text(100'000, 'a');
  auto packed = Deflate(AsBytes(text));
  const auto too_large = Inflate(packed, text.size() - 1);
  ASSERT_FALSE(too_large);
  EXPECT_NE(too_large.error().message().find("at most 99999 bytes"), std::string::npos);
  packed.pop_back();
  EXPECT_FALSE(Inflate(packed, text.size())) << "cut short";
  EXPECT_FALSE(Inflate(AsBytes("no zlib"), 100));
  EXPECT_FALSE(Inflate({}, 100));
}

}  // namespace
}  // namespace gpen
