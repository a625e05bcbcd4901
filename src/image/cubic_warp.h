// A picture read between its pixels by cubic curves: what crops of faces are cut with.
#pragma once

#include "image/affine.h"
#include "image/image.h"

namespace gpen {

/// Pixel (x, y) of `target` is `source` at source_from_target(x, y), between its pixels by cubic
/// curves of steepness -0.75; outside of it, its edge. Both kF32, with the same 1 to 4 channels.
void WarpCubic(ImageView source, const Affine& source_from_target, MutableImageView target);

}  // namespace gpen
