#include "restore/line_bridges.h"

#include <gtest/gtest.h>

#include "restore/repair_mask.h"

namespace gpen::restore {
namespace {

class LineBridges : public ::testing::Test {
 protected:
  static Image Empty() { return EmptyMask(200, 60); }
  // From column `begin` to `end`, two pixels wide.
  void Draw(int begin, int end, int y, std::uint8_t kind = kMarked) {
    for (int x = begin; x < end; ++x) At(x, y) = At(x, y + 1) = kind;
  }
  std::uint8_t& At(int x, int y) { return mask_.Row<std::uint8_t>(y)[x]; }
  // How many columns of those between have a marked pixel.
  int MarkedColumns(int begin, int end) {
    int count = 0;
    for (int x = begin; x < end; ++x) {
      bool any = false;
      for (int y = 0; y < 60; ++y) any = any || At(x, y) == kMarked;
      count += any ? 1 : 0;
    }
    return count;
  }

  Image sure_ = Empty();
  Image mask_ = Empty();
};

TEST_F(LineBridges, AGapBetweenTwoPartsOfALineIsMarked) {
  Draw(10, 60, 20);
  Draw(90, 150, 21);
  BridgeLines(sure_.view(), &mask_);
  EXPECT_EQ(MarkedColumns(60, 90), 30);
  EXPECT_EQ(MarkedColumns(0, 9) + MarkedColumns(151, 200), 0);
}

TEST_F(LineBridges, TheSurestPixelsAreFollowedAcross) {
  Draw(10, 60, 20);
  Draw(90, 150, 20);
  for (int x = 62; x < 88; ++x) sure_.Row<std::uint8_t>(22)[x] = 90;
  BridgeLines(sure_.view(), &mask_);
  EXPECT_EQ(MarkedColumns(60, 90), 30);
  EXPECT_EQ(At(75, 22), kMarked);
  EXPECT_EQ(At(75, 19), 0);
}

TEST_F(LineBridges, AnUnsureLineInFrontIsMarkedAndLeadsOn) {
  Draw(5, 50, 30);
  Draw(70, 95, 30, kUnsure);
  Draw(115, 150, 30, kUnsure);
  Draw(60, 90, 50, kUnsure);  // Beside them.
  BridgeLines(sure_.view(), &mask_);
  EXPECT_EQ(MarkedColumns(5, 150), 145);
  EXPECT_EQ(At(75, 50), kUnsure);
}

TEST_F(LineBridges, WhatDoesNotLieInFrontOfALineIsLeft) {
  Draw(10, 60, 20);
  Draw(80, 140, 30);   // Parallel.
  Draw(175, 195, 20);  // Too far from the first, behind the second.
  for (int y = 40; y < 58; ++y) At(100, y) = At(101, y) = kMarked;  // Upright.
  BridgeLines(sure_.view(), &mask_);
  EXPECT_EQ(MarkedColumns(60, 80), 0);
  EXPECT_EQ(MarkedColumns(140, 175), 0);
  for (int y = 32; y < 40; ++y) EXPECT_EQ(At(100, y), 0);
}

TEST_F(LineBridges, AGapLongerThanBothLinesIsNone) {
  Draw(5, 25, 20);
  Draw(75, 95, 20);
  BridgeLines(sure_.view(), &mask_);
  EXPECT_EQ(MarkedColumns(25, 75), 0);
}

TEST_F(LineBridges, PointsAndBlotsAreNoLines) {
  for (int i = 0; i < 12; ++i) Draw(10 + 15 * i, 13 + 15 * i, 20);
  for (int y = 35; y < 55; y += 2) {
    Draw(20, 40, y);
    Draw(50, 70, y);
  }
  const auto before = MarkedColumns(0, 200);
  BridgeLines(sure_.view(), &mask_);
  EXPECT_EQ(MarkedColumns(0, 200), before);
}

}  // namespace
}  // namespace gpen::restore
