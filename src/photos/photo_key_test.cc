#include "photos/photo_key.h"

#include <gtest/gtest.h>

namespace gpen::photos {
namespace {

TEST(KeyOf, DependsOnAllThree) {
  restore::PhotoOptions options;
  const auto key = KeyOf("photo", options, {"model"});
  EXPECT_EQ(KeyOf("photo", options, {"model"}), key);
  EXPECT_NE(KeyOf("photo2", options, {"model"}), key);
  EXPECT_NE(KeyOf("photo", options, {"model2"}), key);
  options.restore.strength = 1;
  EXPECT_NE(KeyOf("photo", options, {"model"}), key);
}

// Those that do not run are no part of it.
TEST(KeyOf, NetworksForWholePhotosCountWhereTheyRun) {
  restore::PhotoOptions options;
  const auto key = [&](const char* whole) { return KeyOf("photo", options, {"model", whole}); };
  EXPECT_EQ(key("one"), KeyOf("photo", options, {"model"}));
  EXPECT_EQ(key("one"), key("two"));
  options.restore.clean = 50;
  EXPECT_NE(key("one"), key("two"));
  options.restore.clean = 0;
  options.restore.enlarge = restore::Enlargement::k2;
  EXPECT_NE(key("one"), key("two"));
  options.restore.enlarge = restore::Enlargement::k1;
  options.restore.repair = 50;
  EXPECT_NE(key("one"), key("two"));
}

}  // namespace
}  // namespace gpen::photos
