// Fills the marked pixels of a photo from those around them: smoothly (fill_level.h), and with what
// is near by of grain, texture and edges (fill_texture.h).
//
// training/gpen_training/masked_fill.py does the same.
#pragma once

#include "image/image.h"

namespace gpen::restore {

/// `photo`: kU8 or kU16, 1 to 4 channels; an even number of them has alpha, which stays. `mask`: of
/// its size, kU8, one channel: how much of each pixel is to be replaced, of 255. `result`: of the
/// photo's kind; only its marked pixels are written.
/// What lies farther than 64 pixels away counts only where nothing is nearer; beyond 512 pixels the
/// photo stays as it is. Takes ten megabytes for each thread, there up to 80.
void FillMasked(ImageView photo, ImageView mask, int threads, MutableImageView result);

}  // namespace gpen::restore
