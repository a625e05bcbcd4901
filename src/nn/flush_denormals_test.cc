#include "nn/flush_denormals.h"

#include <gtest/gtest.h>

#include <limits>

namespace gpen::nn {
namespace {

// Computed at run time: the compiler must not know the operands.
float Half(float value) {
  volatile float hidden = value;
  return hidden * 0.5F;
}

TEST(FlushDenormals, LastsAsLongAsTheObject) {
  const float smallest_normal = std::numeric_limits<float>::min();
  ASSERT_GT(Half(smallest_normal), 0) << "the test's own thread flushes already";
  {
    const FlushDenormals flush;
    EXPECT_EQ(Half(smallest_normal), 0);
    EXPECT_EQ(Half(smallest_normal / 4) * 1e30F, 0);
    {
      const FlushDenormals off(false);
      EXPECT_EQ(Half(smallest_normal), 0) << "what is on stays on";
    }
  }
  EXPECT_GT(Half(smallest_normal), 0);
}

}  // namespace
}  // namespace gpen::nn
