// What cleaning leaves of grain in clumps: islands of a few levels in skies and walls, which the
// network takes for texture.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// The deviation, in levels of 255, up to which structure in even parts of `photo` once it is
/// cleaned is left of its grain: 0 to 7, and 0 where the photo has no grain but fine one. By how
/// much more means of 4x4 pixels vary in its more even parts than fine grain would let them.
/// `photo`: before it is cleaned; kU8 or kU16, 1 to 4 channels.
double MeasureMottle(ImageView photo);

/// Evens out what varies by less than about `deviation`, as above, over some 17 pixels of a cleaned
/// photo; what varies by more stays. The result does not depend on `threads`.
void RemoveMottle(double deviation, int threads, MutableImageView photo);

}  // namespace gpen::restore
