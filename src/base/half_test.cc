#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gpen {
namespace {

TEST(Half, EveryHalfSurvivesTheRoundTrip) {
  for (unsigned bits = 0; bits <= 0xFFFFU; ++bits) {
    const float value = HalfToFloat(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) {
      EXPECT_GT(bits & 0x7FFFU, 0x7C00U);
      continue;
    }
    // The value by the standard's definition.
    const int exponent = static_cast<int>((bits >> 10) & 0x1FU);
    const int mantissa = static_cast<int>(bits & 0x3FFU);
    if (exponent < 31) {
      const float expected = exponent == 0
                                 ? std::ldexp(static_cast<float>(mantissa), -24)
                                 : std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
      EXPECT_EQ(std::fabs(value), expected) << bits;
    }
    EXPECT_EQ(FloatToHalf(value), bits);
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(FloatToHalf(1.0F + 0x1p-11F), 0x3C00);             // Tie, down to even.
  EXPECT_EQ(FloatToHalf(1.0F + 0x1p-11F + 0x1p-20F), 0x3C01);  // Above the tie.
  EXPECT_EQ(FloatToHalf(1.0F + 3 * 0x1p-11F), 0x3C02);         // Tie, up to even.
  EXPECT_EQ(FloatToHalf(65519.0F), 0x7BFF);
  EXPECT_EQ(FloatToHalf(65520.0F), 0x7C00);
  EXPECT_EQ(FloatToHalf(0x1p-25F), 0x0000);
  EXPECT_EQ(FloatToHalf(0x1.8p-25F), 0x0001);
  EXPECT_TRUE(std::isnan(HalfToFloat(FloatToHalf(std::numeric_limits<float>::quiet_NaN()))));
}

}  // namespace
}  // namespace gpen
