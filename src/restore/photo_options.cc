#include "restore/photo_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <type_traits>

#include "base/version.h"
#include "nn/manifest.h"
#include "restore/boxes_text.h"
#include "restore/presets.h"
#include "restore/strokes.h"

namespace gpen::restore {
namespace {

// How a field of each type is described, shown and read. An option of a new type adds its three.

void Describe(PhotoOption* option, const bool*) { option->type = OptionType::kSwitch; }
void Describe(PhotoOption* option, const int*) { option->type = OptionType::kWhole; }
void Describe(PhotoOption* option, const double*) { option->type = OptionType::kNumber; }

template <Choice Value>
void Describe(PhotoOption* option, const Value*) {
  option->type = OptionType::kWord;
  option->words = kNames<Value>;
}

void Describe(PhotoOption* option, const codec::Format*) {
  using codec::Format;
  using codec::NameOf;
  static const std::array<std::string_view, 6> names = {
      NameOf(Format::kJpeg), NameOf(Format::kPng),  NameOf(Format::kWebp),
      NameOf(Format::kTiff), NameOf(Format::kHeic), NameOf(Format::kAvif)};
  option->type = OptionType::kWord;
  option->words = names;
}

void Describe(PhotoOption* option, const std::string*) { option->type = OptionType::kName; }

void Describe(PhotoOption* option, const std::vector<face::Box>*) {
  option->type = OptionType::kBoxes;
  option->may_be_absent = true;
}

void Describe(PhotoOption* option, const std::vector<Stroke>*) {
  option->type = OptionType::kStrokes;
  option->may_be_absent = true;
}

template <typename Value>
void Describe(PhotoOption* option, const std::optional<Value>*) {
  option->may_be_absent = true;
  Describe(option, static_cast<const Value*>(nullptr));
}

OptionValue ToValue(bool value) { return value; }
OptionValue ToValue(int value) { return value; }
OptionValue ToValue(double value) { return value; }
OptionValue ToValue(const std::string& value) { return value; }
OptionValue ToValue(codec::Format value) { return codec::NameOf(value); }

template <Choice Value>
OptionValue ToValue(Value value) {
  return NameOf(value);
}

OptionValue ToValue(const std::vector<face::Box>& boxes) {
  return boxes.empty() ? OptionValue() : FormatBoxes(boxes);
}

OptionValue ToValue(const std::vector<Stroke>& strokes) {
  return strokes.empty() ? OptionValue() : FormatStrokes(strokes);
}

template <typename Value>
OptionValue ToValue(const std::optional<Value>& value) {
  return value ? ToValue(*value) : OptionValue();
}

bool Read(const PhotoOption&, std::string_view text, bool* field) {
  const bool on = text == "true" || text == "1" || text == "on";
  if (!on && text != "false" && text != "0" && text != "off") return false;
  *field = on;
  return true;
}

template <typename Number>
requires std::is_same_v<Number, int> || std::is_same_v<Number, double>
bool Read(const PhotoOption& option, std::string_view text, Number* field) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  // Also refuses what is not a number ("nan").
  if (!is_number || !(value >= option.least && value <= option.most)) return false;
  *field = value;
  return true;
}

template <typename Value>
bool Take(const std::optional<Value>& found, Value* field) {
  if (found) *field = *found;
  return found.has_value();
}

template <Choice Value>
bool Read(const PhotoOption&, std::string_view text, Value* field) {
  return Take(FromName<Value>(text), field);
}

bool Read(const PhotoOption&, std::string_view text, codec::Format* field) {
  return Take(codec::FormatFromName(text), field);
}

// Which are installed is asked where that can be known.
bool Read(const PhotoOption&, std::string_view text, std::string* field) {
  if (!nn::CheckModelName(text)) return false;
  *field = text;
  return true;
}

template <typename Item>
bool Append(const std::optional<std::vector<Item>>& found, std::vector<Item>* field) {
  if (found) field->insert(field->end(), found->begin(), found->end());
  return found.has_value();
}

bool Read(const PhotoOption&, std::string_view text, std::vector<face::Box>* field) {
  if (!text.empty()) return Append(ParseBoxes(text), field);
  field->clear();
  return true;
}

bool Read(const PhotoOption&, std::string_view text, std::vector<Stroke>* field) {
  if (text.empty()) {
    field->clear();
    return true;
  }
  const auto strokes = ParseStrokes(text);
  if (strokes && CountPoints(*field) + CountPoints(*strokes) > kMostStrokePoints) return false;
  return Append(strokes, field);
}

template <typename Value>
bool Read(const PhotoOption& option, std::string_view text, std::optional<Value>* field) {
  Value value = {};
  if (!text.empty() && !Read(option, text, &value)) return false;
  *field = text.empty() ? std::nullopt : std::optional(value);
  return true;
}

struct Bounds {
  double least = 0;
  double most = 0;
};

struct Texts {
  std::string_view description;
  std::string_view off = {};
};

constexpr std::uint8_t Bit(OptionSetter setter) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(setter));
}
constexpr std::uint8_t kNotOnPage =
    Bit(OptionSetter::kCommandLine) | Bit(OptionSetter::kApi) | Bit(OptionSetter::kWatchedFolder);
constexpr std::uint8_t kForOnePhoto = Bit(OptionSetter::kCommandLine) | Bit(OptionSetter::kApi);
constexpr std::uint8_t kEverywhere = kNotOnPage | Bit(OptionSetter::kPage);

// `Field` takes a PhotoOptions, const or not, and returns its field, whose type makes the row's.
template <typename Field>
PhotoOption Row(std::string_view name, Field, std::uint8_t setters, Texts texts,
                Bounds bounds = {}) {
  using Value = std::remove_cvref_t<std::invoke_result_t<Field, PhotoOptions&>>;
  PhotoOption option;
  option.name = name;
  option.least = bounds.least;
  option.most = bounds.most;
  option.description = texts.description;
  option.description_off = texts.off;
  option.setters = setters;
  Describe(&option, static_cast<const Value*>(nullptr));
  option.get = [](const PhotoOptions& options) { return ToValue(Field()(options)); };
  option.read = [](const PhotoOption& row, std::string_view text, PhotoOptions* options) {
    return Read(row, text, &Field()(*options));
  };
  return option;
}

PhotoOption Later(PhotoOption option) {
  option.came_later = true;
  return option;
}

bool ReadPreset(const PhotoOption& option, std::string_view text, PhotoOptions* options);

// Stands before the others, for they are what it sets.
PhotoOption PresetRow() {
  PhotoOption option;
  option.name = "preset";
  option.type = OptionType::kWord;
  option.words = PresetNames();
  option.description = "Sets several options at once; those that are given too win";
  option.setters = kEverywhere;
  option.is_preset = true;
  option.get = [](const PhotoOptions&) { return OptionValue(PresetNames().front()); };
  option.read = ReadPreset;
  return option;
}

// The rows are part of the cache's keys: after a new, renamed or moved one, photos that are handed
// in again are computed once more.
const auto& Table() {
  static const std::array table = {
      PresetRow(),
      Row("strength", [](auto& of) -> auto& { return of.restore.strength; }, kEverywhere,
          {"0 (unchanged) to 100"}, {0, 100}),
      Row("mode", [](auto& of) -> auto& { return of.restore.mode; }, kEverywhere,
          {"natural keeps skin texture, strong does not"}),
      Row("protect_tone", [](auto& of) -> auto& { return of.restore.protect_tone; }, kEverywhere,
          {"Keep the photo's colours", "Let the network change colours"}),
      Row("min_face", [](auto& of) -> auto& { return of.restore.find.min_face; }, kNotOnPage,
          {"Leave smaller faces alone (pixels)"}, {8, 4096}),
      Row("max_faces", [](auto& of) -> auto& { return of.restore.find.max_faces; }, kNotOnPage,
          {"Restore at most so many faces"}, {1, 1000}),
      Row("aligned", [](auto& of) -> auto& { return of.aligned; }, kNotOnPage,
          {"The photo is one square, aligned face: run the network alone"}),
      Row("format", [](auto& of) -> auto& { return of.format; }, kEverywhere,
          {"Format of the results; default: as the photo"}),
      Row("quality", [](auto& of) -> auto& { return of.quality; }, kNotOnPage,
          {"1 to 100; default: about the photo's own"}, {1, 100}),
      Later(Row("face", [](auto& of) -> auto& { return of.restore.find.by_hand; }, kForOnePhoto,
                {"A missed face, from brows to chin: X,Y,W,H in upright pixels; several with ; "
                 "between them"})),
      Later(Row("leave", [](auto& of) -> auto& { return of.restore.find.leave; }, kForOnePhoto,
                {"Leave the faces whose middle lies in X,Y,W,H alone"})),
      Later(Row("take_damaged", [](auto& of) -> auto& { return of.take_damaged; }, kNotOnPage,
                {"Also take photos of which a part is missing"})),
      Later(Row("enlarge", [](auto& of) -> auto& { return of.restore.enlarge; }, kEverywhere,
                {"Make the photo so many times as wide and high"})),
      Later(Row("clean", [](auto& of) -> auto& { return of.restore.clean; }, kEverywhere,
                {"Take away noise, compression and printed dots, by what there is: 50 suits it, 0 "
                 "(unchanged) to 100"},
                {0, 100})),
      Later(Row("sharpen", [](auto& of) -> auto& { return of.restore.sharpen; }, kEverywhere,
                {"Take blur from the whole photo, by what it has of it: 0 (unchanged) to 100"},
                {0, 100})),
      Later(Row("repair", [](auto& of) -> auto& { return of.restore.repair; }, kEverywhere,
                {"Fill scratches, dust, tears, folds and stains: 0 (none) to 100, the more the "
                 "less surely they are damage"},
                {0, 100})),
      Later(Row("damage", [](auto& of) -> auto& { return of.restore.damage; }, kForOnePhoto,
                {"Damage that is not found: strokes over it, WIDTH,X,Y,X,Y... in upright pixels, "
                 "with ; between "
                 "them"})),
      Later(Row("undamaged", [](auto& of) -> auto& { return of.restore.undamaged; }, kForOnePhoto,
                {"Strokes over what is taken for damage and is none: it stays as it is"})),
      Later(Row("fading", [](auto& of) -> auto& { return of.restore.fading; }, kEverywhere,
                {"Bring back faded light and colours: 0 (unchanged) to 100"}, {0, 100})),
      Later(Row("sepia", [](auto& of) -> auto& { return of.restore.sepia; }, kEverywhere,
                {"keep the tone of a photo of one tone, or make it neutral"})),
      Later(Row("lighten", [](auto& of) -> auto& { return of.restore.lighten; }, kEverywhere,
                {"Make a dark photo lighter: 0 (unchanged) to 100"}, {0, 100})),
      Later(Row("remove_place", [](auto& of) -> auto& { return of.remove_place; }, kEverywhere,
                {"Leave the place where the photo was taken out of the result"})),
      Later(Row("model", [](auto& of) -> auto& { return of.model; }, kEverywhere,
                {"Name of an installed model, or auto: by each face's size"})),
  };
  return table;
}

std::uint64_t BitOf(const PhotoOption& option) {
  return std::uint64_t{1} << static_cast<unsigned>(&option - Table().data());
}

// What every preset decides about becomes what this one says, or the default.
bool ReadPreset(const PhotoOption&, std::string_view text, PhotoOptions* options) {
  const Preset* preset = FindPreset(text);
  if (preset == nullptr) return false;
  for (const auto name : PresetOptions()) {
    const auto& option = *std::ranges::find(Table(), name, &PhotoOption::name);
    if ((options->chosen & BitOf(option)) != 0) continue;
    const auto value = ValueIn(*preset, name);
    option.read(option, value.empty() ? FormatValue(option.get({})) : std::string(value), options);
  }
  return true;
}

const PhotoOption* Find(std::string_view name) {
  const auto found = std::ranges::find(Table(), name, &PhotoOption::name);
  return found == Table().end() ? nullptr : &*found;
}

// "natural or strong", "jpeg, png or webp".
std::string Either(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string WhatIsExpected(const PhotoOption& option) {
  switch (option.type) {
    case OptionType::kSwitch:
      return "true or false";
    case OptionType::kWhole:
      return fmt::format("a whole number from {} to {}", option.least, option.most);
    case OptionType::kNumber:
      return fmt::format("a number from {} to {}", option.least, option.most);
    case OptionType::kWord:
      return Either(option.words);
    case OptionType::kName:
      return "the name of an installed model, or auto";
    case OptionType::kBoxes:
      return "X,Y,W,H in pixels, several with ; between them";
    case OptionType::kStrokes:
      return fmt::format(
          "WIDTH,X,Y,X,Y... in pixels (WIDTH up to {:.0f}), several with ; between "
          "them, of at most {} points together",
          kWidestStroke, kMostStrokePoints);
  }
  return "";
}

Error Expected(std::string_view what, std::string_view found) {
  constexpr std::size_t kMostShown = 200;
  const bool is_long = found.size() > kMostShown;
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("expected {}, found \"{}\"{}", what, found.substr(0, kMostShown),
                           is_long ? "..." : ""));
}

Error Unknown(std::string_view name, OptionSetter setter) {
  return Error(ErrorCode::kInvalidArgument, fmt::format("unknown option \"{}\": expected {}", name,
                                                        Either(PhotoOptionNames(setter))));
}

Result<void> SetNamed(const PhotoOption& option, std::string_view text, PhotoOptions* options) {
  auto set = SetOption(option, text, options);
  if (!set) return std::move(set).error().WithContext(fmt::format("option {}", option.name));
  return {};
}

}  // namespace

std::span<const PhotoOption> AllPhotoOptions() { return Table(); }

const PhotoOption* FindPhotoOption(std::string_view name, OptionSetter setter) {
  const auto* option = Find(name);
  return option != nullptr && option->MayBeSetBy(setter) ? option : nullptr;
}

std::vector<std::string_view> PhotoOptionNames(OptionSetter setter) {
  std::vector<std::string_view> names;
  for (const auto& option : Table()) {
    if (option.MayBeSetBy(setter)) names.push_back(option.name);
  }
  return names;
}

Result<void> SetOption(const PhotoOption& option, std::string_view text, PhotoOptions* options) {
  if (!option.read(option, text, options)) return Expected(WhatIsExpected(option), text);
  options->chosen |= BitOf(option);
  return {};
}

Result<void> SetOption(std::string_view name, std::string_view text, OptionSetter setter,
                       PhotoOptions* options) {
  const auto* option = FindPhotoOption(name, setter);
  if (option == nullptr) return Unknown(name, setter);
  return SetNamed(*option, text, options);
}

std::string FormatValue(const OptionValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(held)>, std::monostate>) {
          return "";
        } else {
          return fmt::format("{}", held);
        }
      },
      value);
}

codec::EncodeOptions EncodeOptionsOf(const PhotoOptions& options) {
  codec::EncodeOptions encode;
  encode.format = options.format;
  encode.quality = options.quality;
  encode.software = kSoftwareName;
  return encode;
}

}  // namespace gpen::restore
