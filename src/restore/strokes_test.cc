#include "restore/strokes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace gpen::restore {
namespace {

TEST(Strokes, AreReadAndWritten) {
  const auto strokes = ParseStrokes("4.5,1,2,30,40.25;12,7,8");
  ASSERT_TRUE(strokes);
  ASSERT_EQ(strokes->size(), 2U);
  EXPECT_EQ((*strokes)[0].width, 4.5);
  EXPECT_EQ((*strokes)[0].points.size(), 2U);
  EXPECT_EQ((*strokes)[0].points[1].y, 40.25);
  EXPECT_EQ(CountPoints(*strokes), 3U);
  EXPECT_EQ(FormatStrokes(*strokes), "4.5,1,2,30,40.25;12,7,8");
  EXPECT_EQ(FormatStrokes({}), "");
}

TEST(Strokes, WhatIsNoneIsRefused) {
  for (const auto* text : {"", "4", "4,1", "4,1,2,3", "0,1,2", "0.0004,1,2", "-1,1,2", "401,1,2",
                           "4,1,nan", "4,1,2;", ";4,1,2", "4,1,2000000", "4:1,2", "4,1,2 "}) {
    EXPECT_FALSE(ParseStrokes(text)) << text;
  }
}

double Distance(Point at, Point from, Point to) {
  const Point way = to - from;
  const double squared = way.x * way.x + way.y * way.y;
  const Point offset = at - from;
  const double along =
      squared > 0 ? std::clamp((offset.x * way.x + offset.y * way.y) / squared, 0.0, 1.0) : 0;
  return Length(offset - way * along);
}

// Every pixel of a small mask against its distance, for lines of all directions, also half and
// wholly beyond it.
TEST(Strokes, CoverWhatIsNearEnough) {
  for (const double width : {1.0, 3.0, 8.5, 40.0}) {
    for (const Point to : {Point{40, 30}, {5, 12}, {40, 12.5}, {17, -30}, {-90, 60}, {18, 12}}) {
      const std::vector<Stroke> strokes = {{width, {{17, 12}, to}}};
      Image mask(48, 36, 1, SampleType::kU8);
      for (int y = 0; y < mask.height(); ++y) std::fill_n(mask.Row<std::uint8_t>(y), 48, 7);
      DrawStrokes(strokes, 255, &mask);
      const double radius = std::max(width / 2, 0.71);
      for (int y = 0; y < mask.height(); ++y) {
        for (int x = 0; x < mask.width(); ++x) {
          const double distance = Distance({1.0 * x, 1.0 * y}, {17, 12}, to);
          if (std::abs(distance - radius) < 1e-6) continue;
          ASSERT_EQ(mask.Row<std::uint8_t>(y)[x], distance < radius ? 255 : 7)
              << width << ": " << to.x << ", " << to.y << " at " << x << ", " << y;
        }
      }
    }
  }
}

TEST(Strokes, BeyondThePhotoDrawNothing) {
  Image mask(20, 10, 1, SampleType::kU8);
  for (int y = 0; y < mask.height(); ++y) std::fill_n(mask.Row<std::uint8_t>(y), 20, 0);
  DrawStrokes({{10, {{-1e6, -1e6}, {1e6, -100}}}, {10, {{100, 5}}}, {10, {{5, 1e6}}}}, 255, &mask);
  for (int y = 0; y < mask.height(); ++y) {
    EXPECT_EQ(std::count(mask.Row<std::uint8_t>(y), mask.Row<std::uint8_t>(y) + 20, 255), 0);
  }
}

}  // namespace
}  // namespace gpen::restore
