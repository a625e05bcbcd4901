#include "photos/photo_key.h"

#include <gtest/gtest.h>

namespace gpen::photos {
namespace {

TEST(KeyOf, DependsOnAllThree) {
  restore::PhotoOptions options;
  const auto key = KeyOf("photo", options, "model");
  EXPECT_EQ(KeyOf("photo", options, "model"), key);
  EXPECT_NE(KeyOf("photo2", options, "model"), key);
  EXPECT_NE(KeyOf("photo", options, "model2"), key);
  options.restore.strength = 1;
  EXPECT_NE(KeyOf("photo", options, "model"), key);
}

}  // namespace
}  // namespace gpen::photos
