#include "restore/presets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "restore/photo_options.h"

namespace gpen::restore {
namespace {

constexpr auto kApi = OptionSetter::kApi;

PhotoOptions With(std::string_view json) {
  PhotoOptions options;
  const auto set = SetOptionsFromJson(json, kApi, &options);
  EXPECT_TRUE(set) << set.error().message();
  return options;
}

TEST(Presets, NameOptionsAndValuesThatThereAre) {
  std::set<std::string_view> names;
  for (const auto& preset : AllPresets()) {
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
    EXPECT_FALSE(preset.description.empty()) << preset.name;
    EXPECT_EQ(FindPreset(preset.name), &preset);
    PhotoOptions by_hand;
    for (const auto& [option, value] : preset.values) {
      const auto* row = FindPhotoOption(option, OptionSetter::kPage);
      ASSERT_NE(row, nullptr) << option << ": a person must see and change what a preset sets";
      ASSERT_TRUE(SetOption(*row, value, &by_hand)) << preset.name << " " << option;
      EXPECT_NE(FormatValue(row->get({})), value) << preset.name << " " << option;
    }
    PhotoOptions by_name;
    ASSERT_TRUE(SetOption("preset", preset.name, kApi, &by_name));
    EXPECT_EQ(CanonicalJson(by_name), CanonicalJson(by_hand)) << preset.name;
  }
}

TEST(Presets, TheFirstIsTheDefault) {
  EXPECT_EQ(AllPresets().front().name, "faces-only");
  EXPECT_EQ(CanonicalJson(With(R"({"preset":"faces-only"})")), CanonicalJson({}));
}

TEST(Presets, WhatIsSetBesideThemWinsBeforeAndAfter) {
  for (const auto* json :
       {R"({"preset":"old-photo","strength":33})", R"({"strength":33,"preset":"old-photo"})"}) {
    const auto options = With(json);
    EXPECT_EQ(options.restore.strength, 33);
    EXPECT_GT(options.restore.fading, 0);
  }
  // Also a value that is the default.
  EXPECT_EQ(With(R"({"fading":0,"preset":"old-photo"})").restore.fading, 0);
}

TEST(Presets, TheSecondTakesBackWhatTheFirstSet) {
  PhotoOptions options = With(R"({"preset":"camera-still"})");
  ASSERT_TRUE(SetOption("preset", "old-photo", kApi, &options));
  EXPECT_EQ(CanonicalJson(options), CanonicalJson(With(R"({"preset":"old-photo"})")));
}

// As when a photo is restored again.
TEST(Presets, OverruleTheOptionsOfAnEarlierJob) {
  const auto stored = CanonicalJson(With(R"({"strength":12,"clean":99,"min_face":40})"));
  auto options = *ParseCanonicalJson(stored);
  ASSERT_TRUE(SetOptionsFromJson(R"({"clean":5,"preset":"old-photo"})", kApi, &options));
  EXPECT_EQ(options.restore.strength, 90);
  EXPECT_EQ(options.restore.clean, 5);
  EXPECT_EQ(options.restore.find.min_face, 40);
}

TEST(Presets, AreNoPartOfWhatIsStored) {
  EXPECT_EQ(CanonicalJson(With(R"({"preset":"old-photo"})")).find("preset"), std::string::npos);
}

TEST(Presets, AnUnknownOneIsToldWhichThereAre) {
  PhotoOptions options;
  const auto set = SetOption("preset", "antique", kApi, &options);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().message(),
            "option preset: expected faces-only, old-photo, small-photo, camera-still or "
            "before-sharing, found \"antique\"");
}

}  // namespace
}  // namespace gpen::restore
