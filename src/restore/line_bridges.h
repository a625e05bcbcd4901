// The gaps in a scratch: where it crosses hair or a bright edge it is hardly seen, and what is left
// there is seen all the more once its other parts are gone.
#pragma once

#include <cstdint>

#include "image/image.h"

namespace gpen::restore {

/// What pixels of a mask of damage are (kU8, one channel) while it is made; else 0.
inline constexpr std::uint8_t kMarked = 255;
inline constexpr std::uint8_t kUnsure = 2;  ///< May be damaged, but its place is not sure.

/// Marks what lies between the end of a marked line and that of another line in front of it,
/// marked or unsure, which is marked too. The gap is no longer than both lines together, and is
/// crossed along the surest pixels. `sure`: how surely each pixel is damaged, of 255, of the mask's
/// size.
void BridgeLines(ImageView sure, Image* mask);

}  // namespace gpen::restore
