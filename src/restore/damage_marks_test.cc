#include "restore/damage_marks.h"

#include <gtest/gtest.h>

#include <algorithm>
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

// A photo of `wide` x 20 pixels with so many sure specks, and one that is not so sure.
Image Specked(int specks, int wide = 2000) {
  Image sure(wide, 20, 1, SampleType::kU8);
  for (int y = 0; y < 20; ++y) std::fill_n(sure.Row<std::uint8_t>(y), wide, std::uint8_t{0});
  for (int i = 0; i < specks; ++i) sure.Row<std::uint8_t>(5)[10 * i + 5] = 255;
  sure.Row<std::uint8_t>(15)[5] = 225;
  return sure;
}

TEST(DamageMarks, WhatIsLessSureIsMarkedWhereThereIsMuchDamage) {
  const auto is_marked = [](const Image& sure, int percent) {
    const Image mask = MarkDamage(sure.view(), LeastSurenessIn(sure.view(), percent));
    EXPECT_EQ(mask.Row<std::uint8_t>(5)[5], 255) << "it is sure";
    return mask.Row<std::uint8_t>(15)[5] == 255;
  };
  EXPECT_FALSE(is_marked(Specked(3), 50));
  EXPECT_TRUE(is_marked(Specked(3), 100)) << "it was asked for";
  EXPECT_TRUE(is_marked(Specked(20), 50));
  EXPECT_FALSE(is_marked(Specked(20), 10));
  EXPECT_TRUE(is_marked(Specked(3, 60), 50)) << "an eightieth of the photo";
}

TEST(DamageMarks, TheMoreIsAskedForTheLessSureAPlaceMayBe) {
  for (const int specks : {1, 9, 30}) {
    const Image sure = Specked(specks);
    int last = 255;
    for (int percent = 1; percent <= 100; ++percent) {
      const int least = LeastSurenessIn(sure.view(), percent);
      EXPECT_LE(least, last) << specks << ", " << percent;
      EXPECT_GE(least, LeastSureness(percent));
      last = least;
    }
    EXPECT_EQ(last, LeastSureness(100));
  }
}

}  // namespace
}  // namespace gpen::restore
