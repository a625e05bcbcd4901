// Lightening: what a camera took in too little light is made lighter, a still of a night or of a
// dim room; measured from the photo itself.
//
// No network: a curve for luma, found on a small copy. What is light already hardly moves, black
// stays black, and a photo that is not dark is not touched.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "codec/photo.h"

namespace gpen::restore {

/// What was done about darkness.
struct Lightened {
  int percent = 0;  ///< As asked for.
  double gain = 1;  ///< How many times as light the darkest parts became; 1: nothing was changed.
};

/// Gives a dark photo `percent` of the light that it lacks. Colours keep their hue, gray stays
/// gray, alpha is left alone. Rows are changed on `threads` threads.
///
/// Errors: kCancelled, those of ColorTransform.
Result<Lightened> Lighten(int percent, int threads, std::stop_token stop, codec::Photo* photo);

}  // namespace gpen::restore
