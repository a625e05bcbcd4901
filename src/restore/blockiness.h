// Blockiness: what a strong JPEG leaves in pixels, whatever file they are kept in later: steps
// between its squares of 8x8 pixels.
#pragma once

#include <optional>

#include "image/image.h"

namespace gpen::restore {

/// The quality, as libjpeg counts, of a JPEG that shows such steps as `photo` does, give or take
/// 15; nothing where it shows none. Wherever the squares begin, but not once it was resized or
/// turned by less than a right angle. `photo`: kU8 or kU16, 1 to 4 channels. Looks at 0.4
/// megapixels at most.
std::optional<double> QualityByBlocks(ImageView photo);

}  // namespace gpen::restore
