// How blurred a photo is: out of focus, scanned finer than it is, or enlarged.
#pragma once

#include <optional>

#include "image/image.h"

namespace gpen::restore {

/// The deviation in pixels of the Gaussian blur that its edges show: up to about 0.6 where it is
/// sharp. Half of the strong edges are sharper, so that what is meant to be out of focus does not
/// count. Nothing where there are too few edges. `photo`: kU8 or kU16, 1 to 4 channels.
std::optional<double> MeasureBlur(ImageView photo);

}  // namespace gpen::restore
