// Fills the marked pixels of a photo from those around them: smoothly (fill_level.h), and with what
// is near by of grain, texture and edges (fill_texture.h).
//
// training/gpen_training/masked_fill.py does the same.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "image/image.h"

namespace gpen::restore {

struct FillOptions {
  int threads = 1;
  std::stop_token stop = {};
  /// By which `result` is filled already: parts where it is no other stay as they are.
  const ImageView* filled = nullptr;
};

/// `photo`: kU8 or kU16, 1 to 4 channels; an even number of them has alpha, which stays. `mask`: of
/// its size, kU8, one channel: how much of each pixel is to be replaced, of 255. `result`: of the
/// photo's kind; only its marked pixels are written. What lies farther than 64 pixels away counts
/// only where less is known all about; beyond 512 pixels the photo stays as it is. Takes ten
/// megabytes for each thread, for wide holes up to 80. Errors: kCancelled.
Result<void> FillMasked(ImageView photo, ImageView mask, const FillOptions& options,
                        MutableImageView result);

}  // namespace gpen::restore
