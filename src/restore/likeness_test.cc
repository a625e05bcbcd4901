#include "restore/likeness.h"

#include <gtest/gtest.h>

namespace gpen::restore {
namespace {

TEST(LeastSimilarity, AsksLessOfTheWorse) {
  EXPECT_EQ(LeastSimilarity(1), kEnoughSimilarity) << "a sharp face: as much as of any";
  EXPECT_LT(LeastSimilarity(0.5), LeastSimilarity(0.7));
  // Two different people reach 0.26 at most: below a fifth nothing is the same person.
  EXPECT_GE(LeastSimilarity(-1), 0.2);
}

}  // namespace
}  // namespace gpen::restore
