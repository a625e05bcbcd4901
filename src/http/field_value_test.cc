#include "http/field_value.h"

#include <gtest/gtest.h>

namespace gpen::http {
namespace {

TEST(ParseParameterizedValue, ReadsTokensAndQuotedStrings) {
  const auto parsed = ParseParameterizedValue(
      "Form-Data; Name=\"im\\\"age\" ; filename=\"C:\\photos\\a;b.jpg\"; flag; size = 12 "
      ";x=\"open");
  EXPECT_EQ(parsed.value, "form-data");
  EXPECT_EQ(parsed.Parameter("name"), "im\"age");
  EXPECT_EQ(parsed.Parameter("filename"), "C:\\photos\\a;b.jpg");
  EXPECT_EQ(parsed.Parameter("size"), "12");
  EXPECT_EQ(parsed.Parameter("x"), "open");
  EXPECT_EQ(parsed.Parameter("flag"), std::nullopt);
}

TEST(ParseParameterizedValue, TakesTheFirstOfTwoEqualNames) {
  EXPECT_EQ(ParseParameterizedValue("a; b=1; B=2").Parameter("b"), "1");
}

TEST(TakeListElement, WalksAList) {
  std::string_view list = "gzip , br;q=0,, *";
  std::string seen;
  while (!list.empty()) seen += "[" + std::string(TakeListElement(&list)) + "]";
  EXPECT_EQ(seen, "[gzip][br;q=0][][*]");
}

TEST(EqualIgnoringCase, IsAboutAsciiLettersAlone) {
  EXPECT_TRUE(EqualIgnoringCase("Bearer", "bEARER"));
  EXPECT_FALSE(EqualIgnoringCase("Bearer", "Bearer "));
  EXPECT_FALSE(EqualIgnoringCase("[", "{"));
  EXPECT_FALSE(EqualIgnoringCase("\xC4", "\xE4"));
}

}  // namespace
}  // namespace gpen::http
