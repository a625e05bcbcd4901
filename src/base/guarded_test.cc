#include "base/guarded.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace gpen {
namespace {

TEST(Guarded, GivesWhatTheWorkGives) {
  EXPECT_EQ(*Guarded("the job", []() -> Result<int> { return 3; }), 3);
  const auto refused = Guarded(
      "the job", []() -> Result<int> { return Error(ErrorCode::kNotFound, "no such photo"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "no such photo");
}

TEST(Guarded, EveryExceptionIsAnError) {
  const auto memory = Guarded("the job", []() -> Result<void> { throw std::bad_alloc(); });
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().code(), ErrorCode::kOutOfMemory);
  EXPECT_EQ(memory.error().message(), "not enough memory for the job");
  const auto library = Guarded("the job", []() -> Result<void> { throw std::runtime_error("x"); });
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code(), ErrorCode::kInternal);
  EXPECT_EQ(library.error().message(), "unexpected in the job: x");
  const auto other = Guarded("the job", []() -> Result<void> { throw 3; });
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), ErrorCode::kInternal);
}

}  // namespace
}  // namespace gpen
