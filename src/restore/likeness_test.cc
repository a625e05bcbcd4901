#include "restore/likeness.h"

#include <gtest/gtest.h>

namespace gpen::restore {
namespace {

TEST(LeastSimilarity, AsksLessOfTheWorse) {
  EXPECT_EQ(LeastSimilarity(1), kEnoughSimilarity) << "a sharp face: as much as of any";
  EXPECT_LT(*LeastSimilarity(0.85), *LeastSimilarity(0.9));
  EXPECT_EQ(LeastSimilarity(0.7), std::nullopt) << "drowned in noise: its likeness says nothing";
}

}  // namespace
}  // namespace gpen::restore
