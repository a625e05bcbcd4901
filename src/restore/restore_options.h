// What a person can choose about how a photo is restored, as the pipeline takes it. Names, bounds
// and who may set what: photo_options.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "face/face_finder.h"
#include "restore/strokes.h"

namespace gpen::restore {

enum class Mode : std::uint8_t {
  kNatural,  ///< Keeps the skin's own texture: high frequencies of the photo are mixed in.
  kStrong,   ///< Takes the network's picture as it is.
};

/// How many times as large the photo becomes.
enum class Enlargement : std::uint8_t { k1, k2, k4 };

/// What becomes of the tone of a photo that is of one tone.
enum class Sepia : std::uint8_t { kKeep, kNeutral };

/// The names of a choice's values, in their order.
template <typename Choice>
constexpr std::nullptr_t kNames = nullptr;
template <>
inline constexpr std::array<std::string_view, 2> kNames<Mode> = {"natural", "strong"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<Enlargement> = {"1", "2", "4"};
template <>
inline constexpr std::array<std::string_view, 2> kNames<Sepia> = {"keep", "neutral"};

/// One of a few named values.
template <typename Value>
concept Choice = !std::is_null_pointer_v<std::remove_cvref_t<decltype(kNames<Value>)>>;

template <Choice Value>
constexpr std::string_view NameOf(Value value) {
  return kNames<Value>[static_cast<std::size_t>(value)];
}

/// Nothing where it is none's name.
template <Choice Value>
constexpr std::optional<Value> FromName(std::string_view name) {
  const auto found = std::ranges::find(kNames<Value>, name);
  if (found == kNames<Value>.end()) return std::nullopt;
  return static_cast<Value>(found - kNames<Value>.begin());
}

struct RestoreOptions {
  int strength = 80;  ///< 0..100 percent. 0 leaves every pixel as it is.
  Mode mode = Mode::kNatural;
  bool protect_tone = true;
  face::FindOptions find;
  Enlargement enlarge = Enlargement::k1;
  int clean = 0;    ///< 0..100: noise, compression and printed dots taken away; 50 suits it.
  int sharpen = 0;  ///< 0..100 percent of the blur that the photo shows is taken away.
  int fading = 0;   ///< 0..100 percent: what the colours of an old print have lost is brought back.
  Sepia sepia = Sepia::kKeep;
  int lighten = 0;  ///< 0..100 percent of the light that a dark photo lacks.

  int repair = 0;              ///< 0..100 percent: scratches, dust, tears, folds and stains filled.
  std::vector<Stroke> damage;  ///< Over damage: filled wholly, whatever `repair` is.
  std::vector<Stroke> undamaged;  ///< Over what is taken for damage, and stays as it is.

  /// 1, 2 or 4.
  int scale() const { return 1 << static_cast<int>(enlarge); }
  /// Whether light and colours of the whole photo may be changed.
  bool changes_tones() const { return mends_fading() || lighten > 0; }
  bool mends_fading() const { return fading > 0 || sepia == Sepia::kNeutral; }
  /// Whether a network changes more than faces.
  bool changes_whole_photo() const { return scale() > 1 || clean > 0 || sharpen > 0; }
  /// Whether damage is looked for, or is known.
  bool repairs() const { return repair > 0 || !damage.empty(); }
};

}  // namespace gpen::restore
