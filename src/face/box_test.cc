#include "face/box.h"

#include <gtest/gtest.h>

namespace gpen::face {
namespace {

TEST(Box, OverlapMeasures) {
  const Box a = {0, 0, 10, 10};
  EXPECT_DOUBLE_EQ(Iou(a, {5, 0, 15, 10}), 1.0 / 3);
  EXPECT_DOUBLE_EQ(Containment(a, {2, 2, 4, 4}), 1);
  EXPECT_DOUBLE_EQ(Iou(a, {20, 0, 30, 10}), 0);
  EXPECT_DOUBLE_EQ(Iou(a, {5, 5, 5, 5}), 0);
}

TEST(SuppressNonMaxima, KeepsTheBestOfEachGroup) {
  const auto kept = SuppressNonMaxima(
      {{{0, 0, 10, 10}, 0.8}, {{1, 0, 11, 10}, 0.9}, {{30, 0, 40, 10}, 0.7}}, 0.3);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].score, 0.9);
  EXPECT_EQ(kept[1].score, 0.7);
}

TEST(Box, ATurnedOutBoxHasNoArea) {
  const Box inside_out = {10, 10, 0, 0};
  EXPECT_EQ(inside_out.area(), 0);
  EXPECT_EQ(Iou(inside_out, inside_out), 0);
  EXPECT_EQ(Containment({0, 0, 10, 10}, inside_out), 0);
}

TEST(SuppressNonMaxima, ASuppressedBoxSuppressesNobody) {
  // A chain: the second overlaps both ends, which do not touch.
  const auto kept = SuppressNonMaxima(
      {{{0, 0, 10, 10}, 0.9}, {{5, 0, 15, 10}, 0.8}, {{10, 0, 20, 10}, 0.7}}, 0.3);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[1].score, 0.7);
}

TEST(SuppressNonMaxima, OfEqualScoresTheFirstStays) {
  const auto kept = SuppressNonMaxima({{{0, 0, 10, 10}, 0.9}, {{1, 0, 11, 10}, 0.9}}, 0.3);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].box.left, 0);
  EXPECT_TRUE(SuppressNonMaxima({}, 0.3).empty());
}

}  // namespace
}  // namespace gpen::face
