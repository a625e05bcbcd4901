#include "restore/photo_options.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace gpen::restore {
namespace {

constexpr auto kApi = OptionSetter::kApi;

// Texts that an option takes, and what it then holds.
std::vector<std::pair<std::string, std::string>> Good(const PhotoOption& option) {
  std::vector<std::pair<std::string, std::string>> good;
  if (option.may_be_absent) good.emplace_back("", "");
  switch (option.type) {
    case OptionType::kSwitch:
      good.insert(good.end(), {{"true", "true"}, {"on", "true"}, {"1", "true"}});
      good.insert(good.end(), {{"false", "false"}, {"off", "false"}, {"0", "false"}});
      break;
    case OptionType::kWhole:
    case OptionType::kNumber:
      for (const double value : {option.least, option.most}) {
        good.emplace_back(fmt::format("{}", value), fmt::format("{}", value));
      }
      break;
    case OptionType::kWord:
      for (const auto word : option.words) good.emplace_back(word, word);
      break;
    case OptionType::kName:
      for (const char* name : {"auto", "gpen-lite-256", "Mine_2.1"}) good.emplace_back(name, name);
      break;
    case OptionType::kBoxes:
      good.emplace_back("10,20,30,40.5", "10,20,30,40.5");
      good.emplace_back("0,-1.25,7,8;5,6,7,8", "10,20,30,40.5;0,-1.25,7,8;5,6,7,8");
      good.emplace_back("", "");
      break;
    case OptionType::kStrokes:
      good.emplace_back("4,20,30", "4,20,30");
      good.emplace_back("0.5,-1.25,7,8,9;400,6,7", "4,20,30;0.5,-1.25,7,8,9;400,6,7");
      good.emplace_back("", "");
      break;
  }
  return good;
}

// Texts that it refuses, and what the message says was expected.
std::pair<std::vector<std::string>, std::string> Bad(const PhotoOption& option) {
  std::vector<std::string> bad = {" ", "x", "80 ", "-1e9", "nan", "tru"};
  if (!option.may_be_absent) bad.emplace_back("");
  switch (option.type) {
    case OptionType::kSwitch:
      return {bad, "expected true or false"};
    case OptionType::kWhole:
      bad.emplace_back(fmt::format("{}.5", option.least));
      break;
    case OptionType::kNumber:
      break;
    case OptionType::kWord:
      return {bad, fmt::format("or {}", option.words.back())};
    case OptionType::kName:
      return {{" ", "80 ", "../x", ".x", "a/b", "a\nb", "\xc3\xa4"},
              "the name of an installed model"};
    case OptionType::kBoxes:
      bad.insert(bad.end(), {"1,2,3", "1,2,3,4,5", "1,2,0,4", "1,2,3,-4", "1,2,3,inf", "1,2,3,4;",
                             "1;2;3;4", "1,2,3, 4", "1,2,3,1e9"});
      return {bad, "X,Y,W,H"};
    case OptionType::kStrokes:
      bad.insert(bad.end(), {"1,2", "1,2,3,4", "0,2,3", "401,2,3", "1,2,nan", "1,2,3;"});
      bad.emplace_back("1");
      for (std::size_t i = 0; i <= kMostStrokePoints; ++i) bad.back() += ",1,1";
      return {bad, "WIDTH,X,Y,X,Y"};
  }
  bad.emplace_back(fmt::format("{}", option.least - 1));
  bad.emplace_back(fmt::format("{}", option.most + 1));
  return {bad, fmt::format("number from {} to {}", option.least, option.most)};
}

TEST(PhotoOptions, EveryOptionTakesWhatItSaysAndNothingElse) {
  for (const auto& option : AllPhotoOptions()) {
    PhotoOptions options;
    for (const auto& [text, held] : Good(option)) {
      const auto set = SetOption(option.name, text, kApi, &options);
      ASSERT_TRUE(set) << set.error().message();
      if (option.is_preset) continue;  // What it sets: presets_test.cc.
      EXPECT_EQ(FormatValue(option.get(options)), held) << option.name;
    }
    const std::string before = CanonicalJson(options);
    const auto [bad, expected] = Bad(option);
    for (const auto& text : bad) {
      const auto set = SetOption(option.name, text, kApi, &options);
      ASSERT_FALSE(set) << option.name << " " << text;
      EXPECT_EQ(set.error().code(), ErrorCode::kInvalidArgument);
      for (const auto& part : {fmt::format("option {}: expected ", option.name), expected,
                               fmt::format(", found \"{}\"", text.substr(0, 200))}) {
        EXPECT_NE(set.error().message().find(part), std::string::npos) << set.error().message();
      }
      EXPECT_EQ(CanonicalJson(options), before) << option.name << " " << text;
    }
  }
}

TEST(PhotoOptions, DefaultsAreValuesOfTheirOptions) {
  for (const auto& option : AllPhotoOptions()) {
    PhotoOptions options;
    const auto set = SetOption(option, FormatValue(option.get({})), &options);
    EXPECT_TRUE(set) << option.name << ": " << set.error().message();
    EXPECT_EQ(CanonicalJson(options), CanonicalJson({}));
  }
}

TEST(PhotoOptions, RowsAreWhole) {
  std::set<std::string_view> names;
  for (const auto& option : AllPhotoOptions()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name << " stands there twice";
    EXPECT_FALSE(option.description.empty()) << option.name;
    EXPECT_NE(option.setters, 0) << option.name;
    const bool is_number = option.type == OptionType::kWhole || option.type == OptionType::kNumber;
    EXPECT_EQ(is_number, option.least < option.most) << option.name;
    EXPECT_EQ(option.type == OptionType::kWord, !option.words.empty()) << option.name;
    // Its flag is --no-NAME, whose help is this.
    const bool is_on = option.type == OptionType::kSwitch && std::get<bool>(option.get({}));
    EXPECT_EQ(is_on, !option.description_off.empty()) << option.name;
  }
}

// The cache's keys and the jobs that are stored depend on every byte.
TEST(PhotoOptions, CanonicalJsonStays) {
  EXPECT_EQ(CanonicalJson({}),
            R"({"strength":80,"mode":"natural","protect_tone":true,"min_face":24.0,)"
            R"("max_faces":64,"aligned":false,"format":null,"quality":null})");
  PhotoOptions options;
  ASSERT_TRUE(SetOptionsFromJson(
      R"({"quality":70,"strength":"35","mode":"strong","protect_tone":false,"min_face":12.5,)"
      R"("max_faces":3,"aligned":true,"format":"JPG","face":"1,2,30,40;5,6,7.5,8"})",
      kApi, &options));
  const std::string json = R"({"strength":35,"mode":"strong","protect_tone":false,"min_face":12.5,)"
                           R"("max_faces":3,"aligned":true,"format":"jpeg","quality":70,)"
                           R"("face":"1,2,30,40;5,6,7.5,8"})";
  EXPECT_EQ(CanonicalJson(options), json);
  const auto again = ParseCanonicalJson(json);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(CanonicalJson(*again), json);
  // What came later is written where it says something.
  PhotoOptions later;
  later.take_damaged = true;
  EXPECT_TRUE(CanonicalJson(later).ends_with(R"("quality":null,"take_damaged":true})"));
  EXPECT_TRUE(ParseCanonicalJson(CanonicalJson(later))->take_damaged);
}

TEST(PhotoOptions, AnEnlargementIsOneOfThreeNumbers) {
  PhotoOptions options;
  EXPECT_FALSE(options.restore.changes_whole_photo());
  ASSERT_TRUE(SetOptionsFromJson(R"({"enlarge":4})", OptionSetter::kApi, &options));
  EXPECT_EQ(options.restore.scale(), 4);
  EXPECT_TRUE(options.restore.changes_whole_photo());
  const auto three = SetOption("enlarge", "3", OptionSetter::kApi, &options);
  ASSERT_FALSE(three);
  EXPECT_EQ(three.error().message(), "option enlarge: expected 1, 2 or 4, found \"3\"");
  ASSERT_TRUE(SetOption("enlarge", "1", OptionSetter::kApi, &options));
  ASSERT_TRUE(SetOption("clean", "20", OptionSetter::kApi, &options));
  EXPECT_TRUE(options.restore.changes_whole_photo());
  EXPECT_TRUE(CanonicalJson(options).ends_with(R"("quality":null,"clean":20})"));
}

TEST(PhotoOptions, BoxesAndStrokesOfJsonAreAllThatThereAre) {
  PhotoOptions options;
  for (const auto* text : {"1,2,3", "4,5,6"})
    ASSERT_TRUE(SetOption("damage", text, kApi, &options));
  EXPECT_EQ(options.restore.damage.size(), 2U);
  ASSERT_TRUE(SetOptionsFromJson(R"({"damage":"7,8,9","face":null})", kApi, &options));
  ASSERT_EQ(options.restore.damage.size(), 1U);
  EXPECT_EQ(options.restore.damage[0].width, 7);
  EXPECT_TRUE(options.restore.repairs());
  ASSERT_TRUE(SetOptionsFromJson(R"({"damage":""})", kApi, &options));
  EXPECT_FALSE(options.restore.repairs());
}

TEST(PhotoOptions, RepairingIsOffUnlessItIsAskedFor) {
  PhotoOptions options;
  EXPECT_FALSE(options.restore.repairs());
  ASSERT_TRUE(SetOption("repair", "60", OptionSetter::kWatchedFolder, &options));
  EXPECT_TRUE(options.restore.repairs());
  EXPECT_EQ(ParseCanonicalJson(CanonicalJson(options))->restore.repair, 60);
  EXPECT_FALSE(SetOption("repair", "101", OptionSetter::kApi, &options));
  EXPECT_EQ(CanonicalJson({}).find("repair"), std::string::npos);
}

TEST(PhotoOptions, JsonThatMakesNoSenseIsRefused) {
  for (const auto* json : {"", "[]", "7", R"({"strength":101})", R"({"strength":"x"})",
                           R"({"mode":"other"})", R"({"unknown":1})", R"({"quality":0})",
                           R"({"strength":{"a":1}})", R"({"min_face":"nan"})"}) {
    PhotoOptions options;
    const auto set = SetOptionsFromJson(json, kApi, &options);
    ASSERT_FALSE(set) << json;
    EXPECT_EQ(set.error().code(), ErrorCode::kInvalidArgument) << json;
    EXPECT_FALSE(ParseCanonicalJson(json)) << json;
  }
}

TEST(PhotoOptions, OnlyThoseWhoMaySetAnOption) {
  const auto* min_face = FindPhotoOption("min_face", OptionSetter::kWatchedFolder);
  ASSERT_NE(min_face, nullptr);
  EXPECT_EQ(min_face->name, "min_face");
  EXPECT_EQ(FindPhotoOption("min_face", OptionSetter::kPage), nullptr);
  EXPECT_EQ(FindPhotoOption("min-face", kApi), nullptr);
  PhotoOptions options;
  for (const auto& set :
       {SetOption("min_face", "30", OptionSetter::kPage, &options),
        SetOptionsFromJson(R"({"min_face":30})", OptionSetter::kPage, &options)}) {
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().message(),
              "unknown option \"min_face\": expected preset, strength, mode, protect_tone, "
              "format, enlarge, clean, sharpen, repair, fading, sepia, lighten, remove_place or "
              "model");
  }
}

TEST(Mode, HasOneNameEach) {
  for (const auto mode : {Mode::kNatural, Mode::kStrong}) {
    EXPECT_EQ(FromName<Mode>(NameOf(mode)), mode);
  }
  EXPECT_EQ(NameOf(Mode::kStrong), "strong");
  EXPECT_EQ(FromName<Mode>("Strong"), std::nullopt);
}

}  // namespace
}  // namespace gpen::restore
