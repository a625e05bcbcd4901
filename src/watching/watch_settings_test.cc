#include "watching/watch_settings.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace gpen::watching {
namespace {

constexpr auto kSetter = restore::OptionSetter::kWatchedFolder;

TEST(ApplyWatchSetting, TakesEveryOptionAsTheTableDoes) {
  int options = 0;
  for (const auto& option : restore::AllPhotoOptions()) {
    if (!option.MayBeSetBy(kSetter)) continue;
    ++options;
    for (const auto& text : {fmt::format("{}", option.least), fmt::format("{}", option.most + 1),
                             std::string("true"), std::string("strong"), std::string("PNG")}) {
      restore::PhotoOptions expected;
      WatchSettings settings;
      const auto by_table = restore::SetOption(option.name, text, kSetter, &expected);
      const auto by_folder = ApplyWatchSetting(option.name, text, &settings);
      ASSERT_EQ(by_folder.has_value(), by_table.has_value()) << option.name << " " << text;
      EXPECT_EQ(restore::CanonicalJson(settings.options), restore::CanonicalJson(expected));
      if (!by_table) {
        EXPECT_EQ(by_folder.error().message(), by_table.error().message());
      }
    }
  }
  EXPECT_GE(options, 8);
}

TEST(ApplyWatchSetting, AnUnknownKeyIsToldWhatThereIs) {
  WatchSettings settings;
  const auto applied = ApplyWatchSetting("min-face", "30", &settings);
  ASSERT_FALSE(applied);
  const auto& message = applied.error().message();
  EXPECT_TRUE(message.starts_with("unknown setting \"min-face\"; there are: path name "))
      << message;
  for (const auto name : restore::PhotoOptionNames(kSetter)) {
    EXPECT_NE(message.find(fmt::format(" {}", name)), std::string::npos) << message;
  }
}

// A key would hide an option of the same name.
TEST(WatchSettingKeys, AreNoOptions) {
  for (const auto& setting : WatchSettingKeys()) {
    EXPECT_EQ(restore::FindPhotoOption(setting.key, kSetter), nullptr) << setting.key;
  }
}

}  // namespace
}  // namespace gpen::watching
