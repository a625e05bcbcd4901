#include "http/fair_shares.h"

#include <gtest/gtest.h>

#include <vector>

namespace gpen::http {
namespace {

TEST(FairShares, NobodyTakesTheLastPlacesOfTheOthers) {
  FairShares shares(64);  // 8 of them are kept.
  std::vector<FairShares::Place> greedy;
  while (auto place = shares.Take("greedy")) greedy.push_back(*std::move(place));
  EXPECT_EQ(greedy.size(), 56U);
  std::vector<FairShares::Place> others;
  for (const auto* holder : {"a", "b", "c", "d"}) {
    for (int i = 0; i < 2; ++i) {
      auto place = shares.Take(holder);
      ASSERT_TRUE(place) << holder;
      others.push_back(*std::move(place));
    }
  }
  EXPECT_FALSE(shares.Take("e")) << "all are taken";
  EXPECT_EQ(shares.taken(), 64);
  greedy.pop_back();
  EXPECT_FALSE(shares.Take("greedy"));
  EXPECT_FALSE(shares.Take("a")) << "it has its few";
  EXPECT_TRUE(shares.Take("e"));
}

TEST(FairShares, PlacesComeBack) {
  FairShares shares(2);
  {
    const auto one = shares.Take("a");
    const auto two = shares.Take("a");
    EXPECT_TRUE(two);
    EXPECT_FALSE(shares.Take("b"));
  }
  EXPECT_EQ(shares.taken(), 0);
  EXPECT_TRUE(shares.Take("b"));
}

TEST(FairShares, WithoutPlacesThereAreNone) {
  FairShares none(0);
  EXPECT_FALSE(none.Take("a"));
}

}  // namespace
}  // namespace gpen::http
