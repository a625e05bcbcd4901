#include "face/parsed_mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "face/drawn_face_testing.h"
#include "face/face_mask.h"
#include "face/face_parser.h"

namespace gpen::face {
namespace {

constexpr int kSide = 128;
constexpr int kSize = 256;

bool InEllipse(int x, int y, double middle_x, double middle_y, double wide, double high) {
  return std::hypot((x - middle_x) / wide, (y - middle_y) / high) < 1;
}

// In pixels of the crop: a face, and hair above and beside it.
FacePart PartAt(int x, int y) {
  if (InEllipse(x, y, 128, 130, 62, 85)) return FacePart::kFace;
  if (InEllipse(x, y, 128, 110, 90, 95)) return FacePart::kHair;
  return FacePart::kBackground;
}

// `sureness`: how likely the part is; the others share the rest.
Image PartsOf(const std::function<FacePart(int, int)>& part_at, float sureness = 0.97F) {
  Image parts(kSide, kSide, kFaceParts, SampleType::kF32);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      float* pixel = parts.Row<float>(y) + kFaceParts * x;
      std::fill_n(pixel, kFaceParts, (1 - sureness) / (kFaceParts - 1));
      pixel[static_cast<int>(part_at(2 * x, 2 * y))] = sureness;
    }
  }
  return parts;
}

float At(const Image& mask, int x, int y) { return mask.Row<float>(y)[x]; }

TEST(ParsedMask, CoversHairWithTheFace) {
  const Image mask = ParsedMask(PartsOf(PartAt), DrawnFace(), kSize);
  ASSERT_EQ(mask.width(), kSize);
  EXPECT_GT(At(mask, 128, 150), 0.98);        // Nose.
  EXPECT_NEAR(At(mask, 128, 45), 0.77, 0.1);  // Hair above the forehead.
  EXPECT_NEAR(At(mask, 52, 110), 0.7, 0.05);  // And beside the face.
  EXPECT_LT(At(mask, 128, 235), 0.02);        // Below the chin there is background here.
  EXPECT_LT(At(mask, 20, 110), 0.02);
}

TEST(ParsedMask, HasNoEdgeAndNoStep) {
  // Hair as far as the crop goes.
  const auto everywhere = [](int x, int y) {
    const FacePart part = PartAt(x, y);
    return part == FacePart::kBackground ? FacePart::kHair : part;
  };
  for (const Image& parts : {PartsOf(PartAt), PartsOf(everywhere), PartsOf(everywhere, 0.5F)}) {
    const Image mask = ParsedMask(parts, DrawnFace(), kSize);
    for (int i = 0; i < kSize; ++i) {
      for (const float value :
           {At(mask, i, 0), At(mask, i, kSize - 1), At(mask, 0, i), At(mask, kSize - 1, i)}) {
        EXPECT_LT(value, 0.01);
      }
    }
    for (int y = 1; y < kSize; ++y) {
      for (int x = 1; x < kSize; ++x) {
        EXPECT_GE(At(mask, x, y), 0);
        EXPECT_LE(At(mask, x, y), 1);
        EXPECT_LT(std::fabs(At(mask, x, y) - At(mask, x - 1, y)), 0.2) << x << " " << y;
        EXPECT_LT(std::fabs(At(mask, x, y) - At(mask, x, y - 1)), 0.2) << x << " " << y;
      }
    }
  }
}

TEST(ParsedMask, LeavesOutHandsAndHats) {
  const Image mask = ParsedMask(PartsOf([](int x, int y) {
                                  if (InEllipse(x, y, 90, 175, 25, 40))
                                    return FacePart::kBackground;
                                  if (y < 85) return FacePart::kHatsAndClothes;
                                  return PartAt(x, y);
                                }),
                                DrawnFace(), kSize);
  EXPECT_LT(At(mask, 90, 175), 0.05);  // The hand before the cheek.
  EXPECT_LT(At(mask, 128, 60), 0.05);  // The hat.
  EXPECT_GT(At(mask, 150, 150), 0.98);
}

TEST(ParsedMask, LeavesOutHairOfSomebodyElse) {
  const Image mask =
      ParsedMask(PartsOf([](int x, int y) {
                   return InEllipse(x, y, 240, 150, 14, 60) ? FacePart::kHair : PartAt(x, y);
                 }),
                 DrawnFace(), kSize);
  EXPECT_LT(At(mask, 236, 150), 0.02);
  EXPECT_NEAR(At(mask, 52, 110), 0.7, 0.05);
}

TEST(ParsedMask, TheLandmarksStandWhereTheNetworkKnowsNothing) {
  const Image outline = FaceMask(DrawnFace(), kSize);
  const auto nothing = [](int, int) { return FacePart::kBackground; };
  for (const Image& parts : {PartsOf(PartAt, 0.5F), PartsOf(PartAt, 0.25F), PartsOf(nothing)}) {
    const Image mask = ParsedMask(parts, DrawnFace(), kSize);
    for (int y = 0; y < kSize; y += 3) {
      for (int x = 0; x < kSize; x += 3) {
        EXPECT_NEAR(At(mask, x, y), At(outline, x, y), 0.07) << x << " " << y;
      }
    }
  }
}

}  // namespace
}  // namespace gpen::face
