// How bright a photo is, for what measures it.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// The brightness of `part`, which lies within the photo (kU8 or kU16, 1 to 4 channels): kF32 x 1,
/// 0 to 255 whatever the photo's samples are.
Image LumaLevels(ImageView photo, const Rect& part);

}  // namespace gpen::restore
