#include "face/face_mask.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "face/drawn_face_testing.h"

namespace gpen::face {
namespace {

TEST(FaceMask, CoversTheFaceAndItsForehead) {
  const Image mask = FaceMask(DrawnFace(), 256);
  EXPECT_GT(mask.Row<float>(150)[128], 0.98);  // Nose.
  EXPECT_GT(mask.Row<float>(70)[128], 0.95);   // Forehead.
  EXPECT_LT(mask.Row<float>(150)[20], 0.02);   // Beside the face.
  EXPECT_LT(mask.Row<float>(245)[128], 0.05);  // Neck.
}

TEST(FaceMask, HasNoEdgeAndNoStep) {
  const Image mask = FaceMask(DrawnFace(), 256);
  for (int i = 0; i < 256; ++i) {
    EXPECT_EQ(mask.Row<float>(0)[i], 0);
    EXPECT_EQ(mask.Row<float>(255)[i], 0);
    EXPECT_EQ(mask.Row<float>(i)[0], 0);
    EXPECT_EQ(mask.Row<float>(i)[255], 0);
  }
  for (int y = 1; y < 256; ++y) {
    for (int x = 1; x < 256; ++x) {
      const float value = mask.Row<float>(y)[x];
      EXPECT_GE(value, 0);
      EXPECT_LE(value, 1.0001F);
      EXPECT_LT(std::fabs(value - mask.Row<float>(y)[x - 1]), 0.12);
      EXPECT_LT(std::fabs(value - mask.Row<float>(y - 1)[x]), 0.12);
    }
  }
}

}  // namespace
}  // namespace gpen::face
