#include "http/target.h"

#include <gtest/gtest.h>

namespace gpen::http {
namespace {

TEST(ParseTarget, DecodesSegmentsAndQuery) {
  const auto target = ParseTarget("/api/v1/jobs/a%20b?name=na%C3%AFve+photo&x=&y");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/v1/jobs/a b");
  EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "v1", "jobs", "a b"}));
  EXPECT_EQ(target->Query("name"), "na\xC3\xAFve photo");
  EXPECT_EQ(target->Query("x"), "");
  EXPECT_EQ(target->Query("y"), "");
  EXPECT_EQ(target->Query("z"), std::nullopt);
}

TEST(ParseTarget, RootHasNoSegments) {
  const auto target = ParseTarget("/");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/");
  EXPECT_TRUE(target->segments.empty());
}

TEST(ParseTarget, KeepsEmptySegments) {
  EXPECT_EQ(ParseTarget("/a/")->segments, (std::vector<std::string>{"a", ""}));
  EXPECT_EQ(ParseTarget("//a")->segments, (std::vector<std::string>{"", "a"}));
}

TEST(ParseTarget, RefusesEveryWayOutOfAFolder) {
  for (const auto* raw :
       {"/..", "/outputs/../gpen.db", "/outputs/%2e%2e/gpen.db", "/a%2Fb",
        "/outputs/..%2f..%2fetc%2fpasswd", "/a%5Cb", "/.", "/a%00b", "/a%0d%0ab"}) {
    const auto target = ParseTarget(raw);
    ASSERT_FALSE(target) << raw;
    EXPECT_EQ(target.error().code(), ErrorCode::kNotFound) << raw;
  }
}

TEST(ParseTarget, RefusesBrokenEncoding) {
  for (const auto* raw : {"", "a", "*", "/%", "/%2", "/%zz", "/a?b=%4"}) {
    const auto target = ParseTarget(raw);
    ASSERT_FALSE(target) << raw;
    EXPECT_EQ(target.error().code(), ErrorCode::kInvalidArgument) << raw;
  }
}

TEST(ParseForm, LimitsThePairs) {
  std::string text;
  for (int i = 0; i < 101; ++i) text += "a=1&";
  EXPECT_FALSE(ParseForm(text));
  EXPECT_EQ(ParseForm(text.substr(4))->size(), 100U);
}

TEST(PercentEncode, IsUndoneByDecode) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(PercentDecode(PercentEncode(all), true), all);
}

}  // namespace
}  // namespace gpen::http
