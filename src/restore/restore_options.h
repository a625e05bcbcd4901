// What a person can choose about how a photo is restored, as the pipeline takes it. Names, bounds
// and who may set what: photo_options.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "face/face_finder.h"

namespace gpen::restore {

enum class Mode : std::uint8_t {
  kNatural,  ///< Keeps the skin's own texture: high frequencies of the photo are mixed in.
  kStrong,   ///< Takes the network's picture as it is.
};

/// The names of the modes, in their order.
inline constexpr std::array<std::string_view, 2> kModeNames = {"natural", "strong"};

std::string_view NameOf(Mode mode);
/// Nothing where it is no mode's name.
std::optional<Mode> ModeFromName(std::string_view name);

/// How many times as large the photo becomes.
enum class Enlargement : std::uint8_t { k1, k2, k4 };

inline constexpr std::array<std::string_view, 3> kEnlargementNames = {"1", "2", "4"};

std::string_view NameOf(Enlargement enlargement);
/// Nothing where it is none's name.
std::optional<Enlargement> EnlargementFromName(std::string_view name);

/// What becomes of the tone of a photo that is of one tone.
enum class Sepia : std::uint8_t { kKeep, kNeutral };

inline constexpr std::array<std::string_view, 2> kSepiaNames = {"keep", "neutral"};

std::string_view NameOf(Sepia sepia);
/// Nothing where it is none's name.
std::optional<Sepia> SepiaFromName(std::string_view name);

struct RestoreOptions {
  int strength = 80;  ///< 0..100 percent. 0 leaves every pixel as it is.
  Mode mode = Mode::kNatural;
  bool protect_tone = true;
  face::FindOptions find;
  Enlargement enlarge = Enlargement::k1;
  int clean = 0;   ///< 0..100 percent: noise, blur and compression taken from the whole photo.
  int fading = 0;  ///< 0..100 percent: what the colours of an old print have lost is brought back.
  Sepia sepia = Sepia::kKeep;

  /// 1, 2 or 4.
  int scale() const { return 1 << static_cast<int>(enlarge); }
  /// Whether light and colours of the whole photo may be changed.
  bool mends_fading() const { return fading > 0 || sepia == Sepia::kNeutral; }
  /// Whether a network changes more than faces.
  bool changes_whole_photo() const { return scale() > 1 || clean > 0; }
};

}  // namespace gpen::restore
