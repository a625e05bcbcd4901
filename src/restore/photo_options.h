// PhotoOptions: what a person may choose about one photo, and the one table of it. The command
// line, the API, its document, watched folders and the page take names, bounds, defaults and words
// from here. Not here: settings of the service or of a folder, and where results go.
//
// A new option is a field with its default, and a row in photo_options.cc; api_test then says what
// openapi.json and the page's photo_options.ts must hold.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "codec/encode.h"
#include "codec/photo.h"
#include "restore/restore_options.h"

namespace gpen::restore {

/// Of the text of one option: strokes are the longest.
inline constexpr std::size_t kMostOptionBytes = 48 << 10;

struct PhotoOptions {
  RestoreOptions restore;
  bool take_damaged = false;  ///< Also a photo of which a part of the pixels is missing.
  bool aligned = false;       ///< The photo is one square, aligned face: run the network alone.
  std::optional<codec::Format> format;  ///< As the photo where not given.
  bool remove_place = false;            ///< The result does not tell where the photo was taken.
  /// A bit for each row of the table that was set by its own name: a preset leaves it alone.
  std::uint64_t chosen = 0;
  std::optional<int> quality;  ///< 1..100; about the photo's own where not given.
  /// The name of an installed model, or kAutoModel; where not given, what whoever runs it has set.
  std::optional<std::string> model;
};

enum class OptionType : std::uint8_t { kSwitch, kWhole, kNumber, kWord, kName, kBoxes, kStrokes };

/// The value of an option, by its type; std::monostate where it is not given.
using OptionValue = std::variant<std::monostate, bool, int, double, std::string_view, std::string>;

/// Where a person sets an option. Boxes and strokes belong to one photo: where many are set at
/// once, nobody may.
enum class OptionSetter : std::uint8_t { kCommandLine, kApi, kWatchedFolder, kPage };

/// A row of the table. Its default is what a new PhotoOptions holds.
struct PhotoOption {
  std::string_view name;  ///< "min_face": as form field, in JSON and TOML; --min-face.
  OptionType type = OptionType::kSwitch;
  bool may_be_absent = false;  ///< Without a value the photo decides; an empty text says so.
  double least = 0;            ///< Of kWhole and kNumber.
  double most = 0;
  std::span<const std::string_view> words;  ///< Of kWord.
  std::string_view description;
  /// Of a switch that is on by default: what turning it off does.
  std::string_view description_off;
  std::uint8_t setters = 0;  ///< A bit for each OptionSetter.
  /// Written only where it is not as by default, so that what was stored before it came stays
  /// equal.
  bool came_later = false;
  /// Stands for others, which it sets where they are not set by themselves, before or after.
  bool is_preset = false;

  OptionValue (*get)(const PhotoOptions& options) = nullptr;
  /// False, with `options` unchanged, where `text` is no value of this option.
  bool (*read)(const PhotoOption& option, std::string_view text, PhotoOptions* options) = nullptr;

  /// Whether a further value is added to those that are there.
  bool AddsUp() const { return type == OptionType::kBoxes || type == OptionType::kStrokes; }
  bool MayBeSetBy(OptionSetter setter) const {
    return ((setters >> static_cast<unsigned>(setter)) & 1U) != 0;
  }
};

/// The table, in the order in which options are shown and written.
std::span<const PhotoOption> AllPhotoOptions();

/// The option called `name`; nullptr where there is none that `setter` may set.
const PhotoOption* FindPhotoOption(std::string_view name, OptionSetter setter);

/// The names of the options that `setter` may set, in the table's order.
std::vector<std::string_view> PhotoOptionNames(OptionSetter setter);

/// Sets `option` to what `text` says; boxes and strokes are added to those that are there, which an
/// empty text takes away. Errors: kInvalidArgument, with a message that says what is expected and
/// what was found; the option's name is for the caller to add, as its person wrote it.
Result<void> SetOption(const PhotoOption& option, std::string_view text, PhotoOptions* options);

/// Sets the option called `name`. Errors: kInvalidArgument (unknown to `setter`, or its value).
Result<void> SetOption(std::string_view name, std::string_view text, OptionSetter setter,
                       PhotoOptions* options);

/// Sets the options of a JSON object; null leaves an option as it is, and boxes and strokes are all
/// that there are then. Errors: kInvalidArgument (not an object, nested, unknown to `setter`, or a
/// value).
Result<void> SetOptionsFromJson(std::string_view json, OptionSetter setter, PhotoOptions* options);

/// A value as SetOption() reads it; empty where it is not given.
std::string FormatValue(const OptionValue& value);

/// The values of the options `names` as one flat JSON object, in that order. Other names are left
/// out.
std::string OptionsJson(const PhotoOptions& options, std::span<const std::string_view> names);

/// All options as JSON, always spelt alike: part of the cache's key.
std::string CanonicalJson(const PhotoOptions& options);

/// Reads CanonicalJson(); what an earlier version did not write is as by default. Errors:
/// kInvalidArgument.
Result<PhotoOptions> ParseCanonicalJson(std::string_view json);

/// How the result is written; signed by this program.
codec::EncodeOptions EncodeOptionsOf(const PhotoOptions& options);

}  // namespace gpen::restore
