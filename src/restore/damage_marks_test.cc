#include "restore/damage_marks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gpen::restore {
namespace {

// How surely: '#': 255, '=': 222, '+': 200, '-': 130, '.': 60.
Image Sure(const std::vector<std::string>& rows) {
  Image sure(static_cast<int>(rows[0].size()), static_cast<int>(rows.size()), 1, SampleType::kU8);
  for (int y = 0; y < sure.height(); ++y) {
    for (int x = 0; x < sure.width(); ++x) {
      const char kind = rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)];
      sure.Row<std::uint8_t>(y)[x] = kind == '#'   ? 255
                                     : kind == '=' ? 222
                                     : kind == '+' ? 200
                                     : kind == '-' ? 130
                                                   : 60;
    }
  }
  return sure;
}

std::vector<std::string> Marked(const std::vector<std::string>& rows, int percent = 50) {
  const Image mask = MarkDamage(Sure(rows).view(), LeastSureness(percent));
  std::vector<std::string> marked;
  for (int y = 0; y < mask.height(); ++y) {
    std::string& row = marked.emplace_back();
    for (int x = 0; x < mask.width(); ++x) {
      const int value = mask.Row<std::uint8_t>(y)[x];
      EXPECT_TRUE(value == 0 || value == 255);
      row += value == 0 ? '.' : '#';
    }
  }
  return marked;
}

TEST(DamageMarks, AScratchIsMarkedToItsEndsAndOnePixelFurther) {
  EXPECT_EQ(Marked({"........",  //
                    ".++#++..",  //
                    "......+.",  //
                    "........"}),
            (std::vector<std::string>{".#####..",  //
                                      "#######.",  //
                                      ".#######",  //
                                      "......#."}));
}

TEST(DamageMarks, WhatIsNowhereSureIsLeft) {
  EXPECT_EQ(Marked({"++++....",  //
                    "....+...",  //
                    ".......#"}),
            (std::vector<std::string>{"........",  //
                                      ".......#",  //
                                      "......##"}));
}

TEST(DamageMarks, WhoWantsMoreGetsWhatIsLessSure) {
  const std::vector<std::string> rows = {".....",  //
                                         ".+++.",  //
                                         "....."};
  const std::vector<std::string> nothing(3, std::string(5, '.'));
  EXPECT_EQ(Marked(rows, 50), nothing);
  EXPECT_EQ(Marked(rows, 80), nothing);
  EXPECT_EQ(Marked(rows, 100), (std::vector<std::string>{".###.",  //
                                                         "#####",  //
                                                         ".###."}));
}

TEST(DamageMarks, WhoWantsLessGetsOnlyWhatIsSurest) {
  const std::vector<std::string> rows = {"....",  //
                                         ".==.",  //
                                         "...."};
  const std::vector<std::string> nothing(3, std::string(4, '.'));
  EXPECT_EQ(Marked(rows, 1), nothing);
  EXPECT_NE(Marked(rows, 50), nothing);
}

TEST(DamageMarks, ALineMayBeSurerThanAPoint) {
  EXPECT_EQ(Marked({".......",  //
                    ".====..",  //
                    "......."}),
            (std::vector<std::string>{".####..",  //
                                      "######.",  //
                                      ".####.."}));
  const std::vector<std::string> nothing(3, std::string(5, '.'));
  EXPECT_EQ(Marked({".---.",  //
                    ".-#-.",  //
                    ".---."}),
            nothing);
}

TEST(DamageMarks, APhotoThatIsDamagedAllOverIsMarkedAllOver) {
  const std::vector<std::string> all(300, std::string(400, '+'));
  auto rows = all;
  rows[150][200] = '#';
  EXPECT_EQ(Marked(rows), std::vector<std::string>(300, std::string(400, '#')));
  EXPECT_EQ(Marked(all), std::vector<std::string>(300, std::string(400, '.')));
}

}  // namespace
}  // namespace gpen::restore
