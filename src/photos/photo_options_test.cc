#include "photos/photo_options.h"

#include <gtest/gtest.h>

#include "photos/photo_job.h"

namespace gpen::photos {
namespace {

TEST(PhotoOptions, CanonicalFormIsReadBack) {
  PhotoOptions options;
  ASSERT_TRUE(SetOptionsFromJson(
      R"({"strength":"35","mode":"strong","protect_tone":false,"min_face":12.5,"max_faces":3,)"
      R"("aligned":true,"format":"webp","quality":70})",
      &options));
  PhotoOptions again;
  ASSERT_TRUE(SetOptionsFromJson(CanonicalJson(options), &again));
  EXPECT_EQ(CanonicalJson(again), CanonicalJson(options));
  EXPECT_EQ(again.restore.strength, 35);
  EXPECT_EQ(again.restore.find.min_face, 12.5);
  EXPECT_EQ(again.format, codec::Format::kWebp);
}

TEST(PhotoOptions, RefusesWhatMakesNoSense) {
  for (const auto* json : {"", "[]", "7", R"({"strength":101})", R"({"strength":"x"})",
                           R"({"mode":"other"})", R"({"unknown":1})", R"({"quality":0})",
                           R"({"strength":{"a":1}})", R"({"min_face":"nan"})"}) {
    PhotoOptions options;
    const auto set = SetOptionsFromJson(json, &options);
    ASSERT_FALSE(set) << json;
    EXPECT_EQ(set.error().code(), ErrorCode::kInvalidArgument) << json;
  }
}

TEST(KeyOf, DependsOnAllThree) {
  PhotoOptions options;
  const auto key = KeyOf("photo", options, "model");
  EXPECT_EQ(KeyOf("photo", options, "model"), key);
  EXPECT_NE(KeyOf("photo2", options, "model"), key);
  EXPECT_NE(KeyOf("photo", options, "model2"), key);
  options.restore.strength = 1;
  EXPECT_NE(KeyOf("photo", options, "model"), key);
}

TEST(ParseTask, RefusesNamesThatAreNoFilesOfOurs) {
  EXPECT_TRUE(ParseTask(FormatTask({"abc", {}})));
  for (const auto* name : {"", "..", ".hidden", "a/b", "/etc/passwd"}) {
    EXPECT_FALSE(ParseTask(FormatTask({name, {}}))) << name;
  }
}

}  // namespace
}  // namespace gpen::photos
