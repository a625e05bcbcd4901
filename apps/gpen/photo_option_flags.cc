#include "gpen/photo_option_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gpen::app {
namespace {

using restore::OptionType;
using restore::PhotoOption;

// "--min-face" of min_face.
std::string FlagOf(const PhotoOption& option, std::string_view before = "--") {
  std::string name(option.name);
  std::ranges::replace(name, '_', '-');
  return std::string(before) + name;
}

// What the help shows behind a flag: "INT in [0 - 100]".
std::string TypeOf(const PhotoOption& option) {
  switch (option.type) {
    case OptionType::kSwitch:
      return "";
    case OptionType::kWhole:
      return fmt::format("INT in [{} - {}]", option.least, option.most);
    case OptionType::kNumber:
      return fmt::format("FLOAT in [{} - {}]", option.least, option.most);
    case OptionType::kWord:
      return fmt::format("{{{}}}", fmt::join(option.words, ","));
    case OptionType::kName:
      return "NAME";
    case OptionType::kBoxes:
      return "X,Y,W,H";
    case OptionType::kStrokes:
      return "WIDTH,X,Y,X,Y...";
  }
  return "";
}

void Set(const PhotoOption& option, const std::string& flag, const std::string& text,
         restore::PhotoOptions* options) {
  const auto set = restore::SetOption(option, text, options);
  if (!set) throw CLI::ValidationError(flag, set.error().message());
}

// A switch that is on by default gets the flag that turns it off.
void AddSwitch(const PhotoOption& option, CLI::App* command, restore::PhotoOptions* options) {
  const bool is_on = std::get<bool>(option.get({}));
  const std::string flag = FlagOf(option, is_on ? "--no-" : "--");
  command->add_flag_function(
      flag,
      [&option, flag, is_on, options](std::int64_t times) {
        Set(option, flag, restore::FormatValue(is_on != (times > 0)), options);
      },
      std::string(is_on ? option.description_off : option.description));
}

void AddValue(const PhotoOption& option, CLI::App* command, restore::PhotoOptions* options) {
  const std::string flag = FlagOf(option);
  command
      ->add_option_function<std::vector<std::string>>(
          flag,
          [&option, flag, options](const std::vector<std::string>& texts) {
            for (const auto& text : texts) Set(option, flag, text, options);
          },
          std::string(option.description))
      ->expected(1)
      ->allow_extra_args(false)  // What follows its value may be a photo.
      ->multi_option_policy(option.AddsUp() ? CLI::MultiOptionPolicy::TakeAll
                                            : CLI::MultiOptionPolicy::Throw)
      ->type_name(TypeOf(option))
      ->default_str(restore::FormatValue(option.get({})));
}

}  // namespace

void AddPhotoOptionFlags(CLI::App* command, restore::PhotoOptions* options) {
  for (const auto& option : restore::AllPhotoOptions()) {
    if (!option.MayBeSetBy(restore::OptionSetter::kCommandLine)) continue;
    if (option.type == OptionType::kSwitch) {
      AddSwitch(option, command, options);
    } else {
      AddValue(option, command, options);
    }
  }
}

}  // namespace gpen::app
