#include "base/error_table.h"

#include <gtest/gtest.h>

#include <set>

namespace gpen {
namespace {

TEST(ErrorTable, EveryCodeHasItsOwnRow) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(TraitsOf(code).code, code);
    EXPECT_GE(TraitsOf(code).http_status, 400);
    EXPECT_NE(TraitsOf(code).exit_code, ExitCode::kOk);
    names.insert(TraitsOf(code).name);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::kInternal) + 1);
}

Result<int> Half(int n) {
  if (n % 2 != 0) return Error(ErrorCode::kInvalidArgument, "expected an even number");
  return n / 2;
}

Result<int> Quarter(int n) {
  GPEN_ASSIGN_OR_RETURN(const int half, Half(n));
  GPEN_TRY(Half(half));
  return half / 2;
}

TEST(Result, CarriesValueOrErrorThroughTheMacros) {
  EXPECT_EQ(*Quarter(8), 2);
  ASSERT_FALSE(Quarter(6));
  EXPECT_EQ(Quarter(6).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Half(3).error().WithContext("halving 3").message(),
            "halving 3: expected an even number");
}

}  // namespace
}  // namespace gpen
