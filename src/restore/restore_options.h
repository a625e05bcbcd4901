// What a person can choose about a restoration.
#pragma once

#include <cstdint>

#include "face/face_finder.h"

namespace gpen::restore {

enum class Mode : std::uint8_t {
  kNatural,  ///< Keeps the skin's own texture: high frequencies of the photo are mixed in.
  kStrong,   ///< Takes the network's picture as it is.
};

struct RestoreOptions {
  int strength = 80;  ///< 0..100 percent. 0 leaves every pixel as it is.
  Mode mode = Mode::kNatural;
  bool protect_tone = true;
  face::FindOptions find;
};

}  // namespace gpen::restore
