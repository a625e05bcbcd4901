#include "image/affine.h"

#include <gtest/gtest.h>

namespace gpen {
namespace {

void ExpectNear(Point a, Point b) {
  EXPECT_NEAR(a.x, b.x, 1e-9);
  EXPECT_NEAR(a.y, b.y, 1e-9);
}

TEST(Affine, ComposesAndInverts) {
  const Affine map = Translation({3, -2}) * RotationAndScale(30, 2.5) * Translation({1, 7});
  const Point p = {12.5, -4};
  ExpectNear(map.Inverse()(map(p)), p);
  ExpectNear((map * map.Inverse())(p), p);
  EXPECT_NEAR(map.Scale(), 2.5, 1e-12);
}

TEST(Affine, RotationIsClockwiseOnScreen) { ExpectNear(RotationAndScale(90, 2)({1, 0}), {0, 2}); }

TEST(Affine, ResizeMapAlignsTheEdges) {
  const Affine map = ResizeMap(4, 2);  // From a picture 4 times narrower and 2 times lower.
  ExpectNear(map({-0.5, -0.5}), {-0.5, -0.5});
  ExpectNear(map({9.5, 9.5}), {39.5, 19.5});
}

}  // namespace
}  // namespace gpen
