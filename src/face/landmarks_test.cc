#include "face/landmarks.h"

#include <gtest/gtest.h>

#include <set>

#include "face/identity.h"

namespace gpen::face {
namespace {

Landmarks Numbered() {
  Landmarks landmarks;
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    landmarks[i] = {1.0 * static_cast<double>(i), 2.0 * static_cast<double>(i)};
  }
  return landmarks;
}

TEST(AlignmentPoints, AreEyesNoseAndMouth) {
  const FivePoints points = AlignmentPoints(Numbered());
  EXPECT_DOUBLE_EQ(points[0].x, 38.5);  // Of 36 to 41.
  EXPECT_DOUBLE_EQ(points[1].x, 44.5);  // Of 42 to 47.
  EXPECT_DOUBLE_EQ(points[2].x, 30);
  EXPECT_DOUBLE_EQ(points[3].x, 48);
  EXPECT_DOUBLE_EQ(points[4].x, 54);
  EXPECT_DOUBLE_EQ(points[0].y, 77);
}

TEST(MirrorOrder, PairsEveryPointAndUndoesItself) {
  const Landmarks mirrored = MirrorOrder(Numbered());
  std::set<double> seen;
  for (const auto& point : mirrored) seen.insert(point.x);
  EXPECT_EQ(seen.size(), mirrored.size());
  const Landmarks again = MirrorOrder(mirrored);
  for (std::size_t i = 0; i < again.size(); ++i) EXPECT_EQ(again[i].x, Numbered()[i].x) << i;
}

TEST(MirrorOrder, AMirroredFaceIsAFaceAgain) {
  Landmarks face = Numbered();
  for (std::size_t i = 36; i <= 41; ++i) face[i] = {30, 40};
  for (std::size_t i = 42; i <= 47; ++i) face[i] = {70, 40};
  face[48] = {35, 80};
  face[54] = {65, 80};
  Landmarks mirrored;
  for (std::size_t i = 0; i < face.size(); ++i) mirrored[i] = {100 - face[i].x, face[i].y};
  // Mirrored, its right eye lies left: it needs the left eye's number.
  const FivePoints points = AlignmentPoints(MirrorOrder(mirrored));
  EXPECT_DOUBLE_EQ(points[0].x, 30);
  EXPECT_DOUBLE_EQ(points[1].x, 70);
  EXPECT_DOUBLE_EQ(points[3].x, 35);
  EXPECT_DOUBLE_EQ(points[4].x, 65);
}

TEST(Similarity, IsTheCosineOfUnitVectors) {
  IdentityFeature a = {};
  IdentityFeature b = {};
  a[0] = 1;
  b[0] = 0.6F;
  b[511] = 0.8F;
  EXPECT_NEAR(Similarity(a, a), 1, 1e-6);
  EXPECT_NEAR(Similarity(a, b), 0.6, 1e-6);
  b[0] = -0.6F;
  EXPECT_NEAR(Similarity(a, b), -0.6, 1e-6);
}

}  // namespace
}  // namespace gpen::face
