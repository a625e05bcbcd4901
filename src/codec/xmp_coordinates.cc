#include "codec/xmp_coordinates.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/turned_coordinates.h"
#include "codec/xmp_text.h"

namespace gpen::codec {
namespace {

// The stored picture, and how it is turned and enlarged.
struct Turn {
  int orientation = 1;
  double enlargement = 1;
  double width = 1;  // Of the stored picture.
  double height = 1;

  // Of values in pixels: parts of the sides before, pixels after.
  PicturePoint Scaled(PicturePoint pixels) const { return {pixels.x / width, pixels.y / height}; }
  PicturePoint InPixels(PicturePoint upright) const {
    const bool swaps = SwapsSides(orientation);
    return {upright.x * (swaps ? height : width) * enlargement,
            upright.y * (swaps ? width : height) * enlargement};
  }
  // Of an area in pixels, before and after.
  PictureArea AreaInPixels(const PictureArea& stored) const {
    const PicturePoint sides = Scaled({stored.width, stored.height});
    const PictureArea upright =
        Turned(PictureArea{Scaled(stored.middle), sides.x, sides.y}, orientation);
    const PicturePoint now = InPixels({upright.width, upright.height});
    return {InPixels(upright.middle), now.x, now.y};
  }
};

std::optional<double> NumberOf(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '+')) text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// As many digits as places need; no more than six behind the point.
std::string TextOf(double value) {
  std::string text = fmt::format("{:.6f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::optional<double> Get(std::string_view element, std::string_view prefix, const char* name) {
  return NumberOf(ValueOf(element, fmt::format("{}:{}", prefix, name)));
}
void Set(std::string_view prefix, const char* name, double value, std::string* element) {
  ReplaceValue(fmt::format("{}:{}", prefix, name), TextOf(value), element);
}

// An area by its middle, in parts of the sides or in pixels.
void TurnArea(std::string_view prefix, const Turn& turn, std::string* element) {
  const auto x = Get(*element, prefix, "x");
  const auto y = Get(*element, prefix, "y");
  if (!x || !y) return;
  const auto w = Get(*element, prefix, "w");
  const auto h = Get(*element, prefix, "h");
  PictureArea area = {{*x, *y}, w.value_or(0), h.value_or(0)};
  const bool pixels = ValueOf(*element, fmt::format("{}:unit", prefix)) == "pixel";
  area = pixels ? turn.AreaInPixels(area) : Turned(area, turn.orientation);
  Set(prefix, "x", area.middle.x, element);
  Set(prefix, "y", area.middle.y, element);
  if (w && h) {
    Set(prefix, "w", area.width, element);
    Set(prefix, "h", area.height, element);
  }
}

void TurnDimensions(std::string_view prefix, const Turn& turn, std::string* element) {
  auto w = Get(*element, prefix, "w");
  auto h = Get(*element, prefix, "h");
  if (!w || !h) return;
  if (SwapsSides(turn.orientation)) std::swap(w, h);
  Set(prefix, "w", *w * turn.enlargement, element);
  Set(prefix, "h", *h * turn.enlargement, element);
}

std::vector<double> NumbersIn(std::string_view text) {
  std::vector<double> numbers;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto number = NumberOf(text.substr(0, comma));
    if (!number) return {};
    numbers.push_back(*number);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return numbers;
}

// Microsoft's "left, top, width, height" in parts of the sides.
std::string TurnRectangle(std::string_view text, const Turn& turn) {
  const auto numbers = NumbersIn(text);
  if (numbers.size() != 4) return std::string(text);
  const PictureArea area = Turned(
      PictureArea{
          {numbers[0] + numbers[2] / 2, numbers[1] + numbers[3] / 2}, numbers[2], numbers[3]},
      turn.orientation);
  return fmt::format("{}, {}, {}, {}", TextOf(area.middle.x - area.width / 2),
                     TextOf(area.middle.y - area.height / 2), TextOf(area.width),
                     TextOf(area.height));
}

// IPTC's boundary: a rectangle by its corner, a circle by its middle, or single points; in parts of
// the sides or in pixels.
void TurnBoundary(const Turn& turn, std::string* element) {
  constexpr std::string_view kPrefix = "Iptc4xmpExt";
  const bool pixels = ValueOf(*element, "Iptc4xmpExt:rbUnit") == "pixel";
  const double factor = pixels ? turn.enlargement : 1;
  const auto turn_one = [&](std::string* text, double w, double h) {
    const auto x = Get(*text, kPrefix, "rbX");
    const auto y = Get(*text, kPrefix, "rbY");
    if (!x || !y) return;
    PicturePoint middle = {*x + w / 2, *y + h / 2};
    if (pixels) middle = turn.Scaled(middle);
    middle = Turned(middle, turn.orientation);
    if (pixels) middle = turn.InPixels(middle);
    if (SwapsSides(turn.orientation)) std::swap(w, h);
    w *= factor;
    h *= factor;
    Set(kPrefix, "rbX", middle.x - w / 2, text);
    Set(kPrefix, "rbY", middle.y - h / 2, text);
  };
  if (element->find("Iptc4xmpExt:rbVertices") != std::string::npos) {
    EditElements(
        "rdf:li", [&](std::string* point) { turn_one(point, 0, 0); }, element);
    return;
  }
  const auto w = Get(*element, kPrefix, "rbW");
  const auto h = Get(*element, kPrefix, "rbH");
  turn_one(element, w.value_or(0), h.value_or(0));
  const bool swaps = SwapsSides(turn.orientation);
  if (w && h && (swaps || factor != 1)) {
    Set(kPrefix, "rbW", (swaps ? *h : *w) * factor, element);
    Set(kPrefix, "rbH", (swaps ? *w : *h) * factor, element);
  }
  // A circle has a radius, in parts of the width.
  const auto radius = Get(*element, kPrefix, "rbRx");
  const double radius_factor = pixels || !swaps ? factor : turn.width / turn.height;
  if (radius && radius_factor != 1) Set(kPrefix, "rbRx", *radius * radius_factor, element);
}

// Where a panorama lies within the whole round: the full size, and the part's corner and size.
void TurnPanorama(const Turn& turn, std::string* packet) {
  constexpr std::string_view kPrefix = "GPano";
  constexpr std::array kNames = {"FullPanoWidthPixels",         "FullPanoHeightPixels",
                                 "CroppedAreaLeftPixels",       "CroppedAreaTopPixels",
                                 "CroppedAreaImageWidthPixels", "CroppedAreaImageHeightPixels"};
  std::array<double, kNames.size()> values = {};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto value = Get(*packet, kPrefix, kNames[i]);
    if (!value) return;
    values[i] = *value;
  }
  const auto [full_width, full_height, left, top, width, height] = values;
  if (full_width <= 0 || full_height <= 0) return;
  const Turn whole = {turn.orientation, turn.enlargement, full_width, full_height};
  const PicturePoint size = whole.InPixels({1, 1});
  const PictureArea area =
      whole.AreaInPixels({{left + width / 2, top + height / 2}, width, height});
  values = {size.x,     size.y,     area.middle.x - area.width / 2, area.middle.y - area.height / 2,
            area.width, area.height};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    Set(kPrefix, kNames[i], std::round(values[i]), packet);
  }
}

// EXIF's subject area in pixels: a point, a circle or a rectangle by its middle.
void TurnSubjectArea(const Turn& turn, std::string* element) {
  std::vector<double> numbers;
  EditValues(
      "rdf:li",
      [&](std::string_view text) {
        numbers.push_back(NumberOf(text).value_or(0));
        return std::string(text);
      },
      element);
  if (numbers.size() < 2 || numbers.size() > 4) return;
  const PicturePoint middle =
      turn.InPixels(Turned(turn.Scaled({numbers[0], numbers[1]}), turn.orientation));
  numbers[0] = middle.x;
  numbers[1] = middle.y;
  if (numbers.size() == 4 && SwapsSides(turn.orientation)) std::swap(numbers[2], numbers[3]);
  for (std::size_t i = 2; i < numbers.size(); ++i) numbers[i] *= turn.enlargement;
  std::size_t next = 0;
  EditValues(
      "rdf:li", [&](std::string_view) { return fmt::format("{:.0f}", numbers[next++]); }, element);
}

struct AreaName {
  const char* element;
  const char* prefix;
};
constexpr std::array<AreaName, 3> kAreas = {{{"mwg-rs:Area", "stArea"},
                                             {"acdsee-rs:DLYArea", "acdsee-stArea"},
                                             {"acdsee-rs:ALGArea", "acdsee-stArea"}}};
constexpr std::array<AreaName, 2> kDimensions = {
    {{"mwg-rs:AppliedToDimensions", "stDim"}, {"acdsee-rs:AppliedToDimensions", "acdsee-stDim"}}};

}  // namespace

void TurnXmpCoordinates(const PictureChange& change, std::string* packet) {
  const bool is_turned = change.orientation > 1 && change.orientation <= 8;
  if (!is_turned && change.enlargement == 1) return;
  Turn turn = {is_turned ? change.orientation : 1, change.enlargement,
               change.width / change.enlargement, change.height / change.enlargement};
  if (SwapsSides(turn.orientation)) std::swap(turn.width, turn.height);
  for (const auto& [name, prefix] : kAreas) {
    EditElements(
        name, [&, prefix = prefix](std::string* element) { TurnArea(prefix, turn, element); },
        packet);
  }
  for (const auto& [name, prefix] : kDimensions) {
    if (!SwapsSides(turn.orientation) && turn.enlargement == 1) continue;
    EditElements(
        name, [&, prefix = prefix](std::string* element) { TurnDimensions(prefix, turn, element); },
        packet);
  }
  EditValues(
      "MPReg:Rectangle", [&](std::string_view text) { return TurnRectangle(text, turn); }, packet);
  EditElements(
      "Iptc4xmpExt:RegionBoundary", [&](std::string* element) { TurnBoundary(turn, element); },
      packet);
  TurnPanorama(turn, packet);
  for (const auto* name : {"exif:SubjectArea", "exif:SubjectLocation"}) {
    EditElements(
        name, [&](std::string* element) { TurnSubjectArea(turn, element); }, packet);
  }
}

}  // namespace gpen::codec
