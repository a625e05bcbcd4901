#include "gpen/photo_option_flags.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace gpen::app {
namespace {

using restore::OptionType;
using restore::PhotoOptions;

struct Parsed {
  PhotoOptions options;
  std::string refusal;  // Empty where it was taken.
};

Parsed Parse(const std::vector<std::string>& arguments) {
  Parsed parsed;
  CLI::App app;
  AddPhotoOptionFlags(&app, &parsed.options);
  try {
    // CLI11 takes the last one first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    parsed.refusal = error.what();
  }
  return parsed;
}

std::string FlagOf(const restore::PhotoOption& option) {
  std::string name(option.name);
  std::ranges::replace(name, '_', '-');
  return "--" + name;
}

TEST(PhotoOptionFlags, TakeEveryValueAsTheTableDoes) {
  for (const auto& option : restore::AllPhotoOptions()) {
    if (option.type == OptionType::kSwitch) continue;
    const auto flag = FlagOf(option);
    for (const auto& text :
         {fmt::format("{}", option.least), fmt::format("{}", option.most + 1), std::string("7.5"),
          std::string("1,2,3,4"), std::string("strong"), std::string("png")}) {
      PhotoOptions expected;
      const auto set = restore::SetOption(option, text, &expected);
      const auto parsed = Parse({flag, text});
      EXPECT_EQ(restore::CanonicalJson(parsed.options), restore::CanonicalJson(expected));
      EXPECT_EQ(parsed.refusal, set ? "" : fmt::format("{}: {}", flag, set.error().message()));
    }
  }
}

TEST(PhotoOptionFlags, LeaveWhatFollowsTheirValueAlone) {
  for (const auto& option : restore::AllPhotoOptions()) {
    if (!option.MayBeSetBy(restore::OptionSetter::kCommandLine)) continue;
    if (option.type == OptionType::kSwitch) continue;
    const bool is_word = option.type == OptionType::kWord;
    const std::string value = option.type == OptionType::kBoxes     ? "1,2,3,4"
                              : option.type == OptionType::kStrokes ? "1,2,3"
                              : is_word                          ? std::string(option.words.front())
                              : option.type == OptionType::kName ? "auto"
                                                                 : fmt::format("{}", option.most);
    PhotoOptions options;
    std::vector<std::string> photos;
    CLI::App app;
    AddPhotoOptionFlags(&app, &options);
    app.add_option("photos", photos);
    EXPECT_NO_THROW(app.parse(std::vector<std::string>{"photo.jpg", value, FlagOf(option)}))
        << option.name;
    EXPECT_EQ(photos, std::vector<std::string>{"photo.jpg"}) << option.name;
  }
}

TEST(PhotoOptionFlags, TurnASwitchOnOrOff) {
  EXPECT_FALSE(Parse({"--no-protect-tone"}).options.restore.protect_tone);
  EXPECT_TRUE(Parse({"--aligned"}).options.aligned);
  const auto neither = Parse({});
  EXPECT_TRUE(neither.options.restore.protect_tone);
  EXPECT_FALSE(neither.options.aligned);
  EXPECT_FALSE(Parse({"--protect-tone"}).refusal.empty());
}

TEST(PhotoOptionFlags, BoxesAddUp) {
  const auto parsed = Parse({"--face", "1,2,3,4", "--face", "5,6,7,8;9,10,11,12"});
  EXPECT_EQ(parsed.refusal, "");
  ASSERT_EQ(parsed.options.restore.find.by_hand.size(), 3U);
  EXPECT_EQ(parsed.options.restore.find.by_hand[2].right, 20);
  EXPECT_FALSE(Parse({"--strength", "1", "--strength", "2"}).refusal.empty());
}

TEST(PhotoOptionFlags, HelpShowsBoundsWordsAndDefaults) {
  PhotoOptions options;
  CLI::App app;
  AddPhotoOptionFlags(&app, &options);
  const auto help = app.help();
  for (const auto* part : {"--strength INT in [0 - 100]=80", "--mode {natural,strong}=natural",
                           "--min-face FLOAT in [8 - 4096]=24", "--no-protect-tone",
                           "--format {jpeg,png,webp,tiff,heic,avif}", "--aligned"}) {
    EXPECT_NE(help.find(part), std::string::npos) << help;
  }
  for (const auto& option : restore::AllPhotoOptions()) {
    const bool is_off = option.description_off.empty();
    const auto text = is_off ? option.description : option.description_off;
    EXPECT_NE(help.find(text), std::string::npos) << option.name << "\n" << help;
  }
}

}  // namespace
}  // namespace gpen::app
