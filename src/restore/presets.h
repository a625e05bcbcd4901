// Presets: sets of photo options that a person understands by one name, and the one table of them.
//
// A preset is not an option of a photo: where one is chosen, the options that it names are set, and
// the photo knows these alone. What a person sets beside it wins (photo_options.h).
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace gpen::restore {

struct PresetValue {
  std::string_view option;  ///< Name of a row of AllPhotoOptions().
  std::string_view value;   ///< As SetOption() reads it.
};

struct Preset {
  std::string_view name;
  std::string_view description;
  std::span<const PresetValue> values;  ///< Those that differ from the options' defaults.
};

/// In the order in which they are shown; the first changes nothing.
std::span<const Preset> AllPresets();

/// Their names.
std::span<const std::string_view> PresetNames();

/// nullptr where there is none of this name.
const Preset* FindPreset(std::string_view name);

/// The options that any preset names: those that every preset decides about.
std::span<const std::string_view> PresetOptions();

/// What `preset` says of `option`; nothing where its default counts.
std::string_view ValueIn(const Preset& preset, std::string_view option);

}  // namespace gpen::restore
