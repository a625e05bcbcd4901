#include "face/face_selection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace gpen::face {
namespace {

// A clear and upright face, as wide as high.
DetectedFace Face(double left, double top, double side, double score = 0.9) {
  DetectedFace face;
  face.box = {left, top, left + side, top + side};
  face.score = score;
  face.is_clear = true;
  for (std::size_t i = 36; i <= 41; ++i) face.landmarks[i] = {left + side / 3, top + side / 3};
  for (std::size_t i = 42; i <= 47; ++i) face.landmarks[i] = {left + 2 * side / 3, top + side / 3};
  return face;
}

FindOptions Limits(double min_face, int max_faces) {
  FindOptions options;
  options.min_face = min_face;
  options.max_faces = max_faces;
  return options;
}

std::string Scores(const std::vector<DetectedFace>& faces) {
  std::string text;
  for (const auto& face : faces) text += std::to_string(std::lround(100 * face.score)) + " ";
  return text;
}

TEST(MergeDuplicates, OfEachFaceTheBestStays) {
  EXPECT_EQ(Scores(MergeDuplicates({Face(0, 0, 100, 0.7), Face(5, 5, 100, 0.9),
                                    Face(300, 0, 100, 0.8), Face(302, 0, 100, 0.75)})),
            "90 80 ");
}

TEST(MergeDuplicates, ABoxInsideAnotherIsTheSameFace) {
  // They share a ninth of their common area only.
  EXPECT_EQ(Scores(MergeDuplicates({Face(0, 0, 90, 0.8), Face(30, 30, 30, 0.9)})), "90 ");
}

TEST(MergeDuplicates, CheekToCheekAreTwo) {
  EXPECT_EQ(Scores(MergeDuplicates({Face(0, 0, 100, 0.8), Face(70, 0, 100, 0.9)})), "90 80 ");
  EXPECT_TRUE(MergeDuplicates({}).empty());
}

TEST(SelectFaces, SortsBySizeAndSaysWhatIsLeftOut) {
  FoundFaces found;
  for (const double side : {30.0, 10.0, 200.0, 50.0, 23.9}) {
    found.faces.push_back(Face(0, 0, side, side / 1000));
  }
  SelectFaces(Limits(24, 2), &found);
  EXPECT_EQ(Scores(found.faces), "20 5 ");
  EXPECT_EQ(Scores(found.over_limit), "3 ");
  EXPECT_EQ(Scores(found.too_small), "2 1 ");
}

TEST(SelectFaces, NoFacesAndNoLimitToSpeakOf) {
  FoundFaces none;
  SelectFaces({}, &none);
  EXPECT_TRUE(none.faces.empty());
  FoundFaces one;
  one.faces.push_back(Face(0, 0, 100));
  SelectFaces(Limits(24, -1), &one);
  EXPECT_EQ(one.over_limit.size(), 1U);
}

TEST(LooksTurned, OneClearUprightFaceIsEnough) {
  EXPECT_TRUE(LooksTurned({}));
  DetectedFace doubtful = Face(0, 0, 100);
  doubtful.is_clear = false;
  DetectedFace on_its_side = Face(0, 0, 100);
  for (auto& point : on_its_side.landmarks) point = {point.y, point.x};
  DetectedFace upside_down = Face(0, 0, 100);
  for (auto& point : upside_down.landmarks) point = {100 - point.x, 100 - point.y};
  EXPECT_TRUE(LooksTurned({doubtful, on_its_side, upside_down}));
  EXPECT_FALSE(LooksTurned({doubtful, on_its_side, Face(0, 0, 100)}));
}

TEST(MergeDuplicates, AClearFaceAndOneByHandCountMore) {
  DetectedFace doubtful = Face(0, 0, 100, 0.9);
  doubtful.is_clear = false;
  EXPECT_EQ(Scores(MergeDuplicates({doubtful, Face(2, 2, 100, 0.8)})), "80 ");
  DetectedFace by_hand = Face(1, 1, 100, 0.3);
  by_hand.is_by_hand = true;
  EXPECT_EQ(Scores(MergeDuplicates({doubtful, by_hand, Face(2, 2, 100, 0.8)})), "30 ");
}

TEST(MergeTurns, OfOtherTurnsOnlyWhatIsClear) {
  DetectedFace doubtful = Face(700, 0, 100, 0.7);
  doubtful.is_clear = false;
  int quarter_turns = -1;
  const auto faces = MergeTurns({{{doubtful},
                                  {Face(0, 0, 100, 0.9), Face(300, 0, 100, 0.8)},
                                  {Face(2, 2, 100, 0.75)},
                                  {Face(500, 0, 100, 0.85)}}},
                                &quarter_turns);
  EXPECT_EQ(quarter_turns, 1);
  EXPECT_EQ(Scores(faces), "90 85 80 ");
  EXPECT_TRUE(MergeTurns({}, &quarter_turns).empty());
  EXPECT_EQ(quarter_turns, 0);
}

TEST(MergeTurns, AFaceThatIsNotClearLiesAsItsNeighboursDo) {
  DetectedFace beside_upright = Face(150, 0, 100, 0.7);
  DetectedFace beside_turned = Face(1150, 0, 100, 0.71);
  beside_upright.is_clear = false;
  beside_turned.is_clear = false;
  int quarter_turns = -1;
  const auto faces =
      MergeTurns({{{Face(0, 0, 100, 0.8), beside_upright, beside_turned},
                   {},
                   {Face(1000, 0, 100, 0.9), Face(1300, 0, 100, 0.85), Face(1600, 0, 100, 0.84)},
                   {}}},
                 &quarter_turns);
  EXPECT_EQ(quarter_turns, 2);
  EXPECT_EQ(Scores(faces), "90 85 84 80 70 ");
}

TEST(SelectFaces, WhatAPersonSaysCountsMore) {
  FoundFaces found;
  found.faces = {Face(0, 0, 100, 0.9), Face(300, 0, 80, 0.8), Face(500, 0, 10, 0.7),
                 Face(600, 0, 9, 0.6)};
  found.faces[2].is_by_hand = true;
  found.doubtful = {{0, 0, 100, 100}, {800, 0, 850, 50}, {801, 0, 851, 50}, {900, 0, 910, 10}};
  FindOptions options = Limits(24, 1);
  options.leave = {{40, 40, 60, 60}, {880, 0, 950, 50}};
  SelectFaces(options, &found);
  EXPECT_EQ(Scores(found.faces), "80 70 ");
  EXPECT_EQ(Scores(found.unwanted), "90 ");
  EXPECT_EQ(Scores(found.too_small), "60 ");
  EXPECT_TRUE(found.over_limit.empty());
  ASSERT_EQ(found.doubtful.size(), 1U);
  EXPECT_EQ(found.doubtful[0].left, 800);
}

}  // namespace
}  // namespace gpen::face
