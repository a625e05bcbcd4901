// How bright a photo is, and the parts of it that are looked at, for what measures it.
#pragma once

#include <vector>

#include "image/image.h"

namespace gpen::restore {

/// The brightness of `part`, which lies within the photo (kU8 or kU16, 1 to 4 channels): kF32 x 1,
/// 0 to 255 whatever the photo's samples are.
Image LumaLevels(ImageView photo, const Rect& part);

/// Squares of `side` pixels spread evenly over the photo, as many as have room beside each other
/// and at most `most` each way, row by row. They begin at multiples of `step`. Of a photo that is
/// smaller than one, what there is.
std::vector<Rect> SpreadTiles(ImageView photo, int side, int most, int step = 1);

}  // namespace gpen::restore
