// A picture of another size whose samples are weighted sums along both axes.
#pragma once

#include "image/axis_weights.h"
#include "image/image.h"

namespace gpen {

/// `columns` and `rows` were made for the source's width and height. Same channels and sample type
/// as the source; integers are clipped and rounded to nearest.
Image WeightedSums(ImageView source, const AxisWeights& columns, const AxisWeights& rows);

}  // namespace gpen
