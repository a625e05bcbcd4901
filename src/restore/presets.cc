#include "restore/presets.h"

#include <algorithm>
#include <array>

namespace gpen::restore {
namespace {

constexpr PresetValue kOldPhoto[] = {
    {"strength", "90"}, {"clean", "65"}, {"sharpen", "90"}, {"fading", "70"}, {"repair", "40"},
};
constexpr PresetValue kSmallPhoto[] = {
    {"enlarge", "2"},
    {"clean", "75"},
    {"sharpen", "90"},
};
constexpr PresetValue kCameraStill[] = {
    {"strength", "100"}, {"mode", "strong"}, {"enlarge", "2"},
    {"clean", "60"},     {"sharpen", "90"},  {"lighten", "60"},
};
constexpr PresetValue kBeforeSharing[] = {
    {"strength", "40"},
    {"clean", "30"},
};

constexpr std::array<Preset, 5> kPresets = {{
    {"faces-only", "Faces, and nothing else", {}},
    {"old-photo", "A faded, spotted old print", kOldPhoto},
    {"small-photo", "A photo with few pixels", kSmallPhoto},
    {"camera-still", "A picture of a security camera or a video", kCameraStill},
    {"before-sharing", "A photo that is good already", kBeforeSharing},
}};

constexpr auto kPresetNames = [] {
  std::array<std::string_view, kPresets.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kPresets[i].name;
  return names;
}();

}  // namespace

std::span<const Preset> AllPresets() { return kPresets; }

std::span<const std::string_view> PresetNames() { return kPresetNames; }

const Preset* FindPreset(std::string_view name) {
  const auto found = std::ranges::find(kPresets, name, &Preset::name);
  return found == kPresets.end() ? nullptr : &*found;
}

std::span<const std::string_view> PresetOptions() {
  static const auto options = [] {
    std::vector<std::string_view> names;
    for (const auto& preset : kPresets) {
      for (const auto& [option, value] : preset.values) {
        if (std::ranges::find(names, option) == names.end()) names.push_back(option);
      }
    }
    return names;
  }();
  return options;
}

std::string_view ValueIn(const Preset& preset, std::string_view option) {
  const auto found = std::ranges::find(preset.values, option, &PresetValue::option);
  return found == preset.values.end() ? std::string_view() : found->value;
}

}  // namespace gpen::restore
